#!/bin/sh
':' /*
# This file is read by two: the shell ends at exec, and Node takes what stands between the marks for a comment.
# Node parses NODE_EXTRA_CA_CERTS at every start, 40 ms for a usual bundle. The program reads it itself where it opens TLS, and
# gives the variable back to what it starts. Exporters of traces open TLS by themselves: for them it stays.
case "$NODE_EXTRA_CA_CERTS:$OTEL_EXPORTER_OTLP_ENDPOINT$OTEL_EXPORTER_OTLP_TRACES_ENDPOINT$OTEL_TRACES_EXPORTER" in
  ?*:)
    export SLIPWAY_UNREAD_CA_CERTS="$NODE_EXTRA_CA_CERTS"
    unset NODE_EXTRA_CA_CERTS
    ;;
esac
exec node "$0" "$@"
*/
