// Reads the JSON of a source policy as BuildKit has it (sourcepolicy/pb/policy.proto). What is not known there is refused.
import { SlipwayError } from '../errors.ts';
import { type MatchType, type PolicyPattern, policyExpression, policyPattern } from './policy-pattern.ts';

export interface PolicyRule {
  /** Counted from 1. */
  number: number;
  action: 'ALLOW' | 'DENY' | 'CONVERT';
  /** As it is written. */
  identifier: string;
  pattern: PolicyPattern;
  /** Whether what it asks of a source's attributes is so. */
  holds(attrs: Record<string, string>): boolean;
  /** Of CONVERT. An empty identifier: the source's own. */
  updates: { identifier: string; attrs: Record<string, string> };
}

/** In the order of their numbers, which stand for them, too. */
const actions = ['ALLOW', 'DENY', 'CONVERT'] as const;
const matchTypes = ['WILDCARD', 'EXACT', 'REGEX'] as const satisfies readonly MatchType[];
const conditions = ['EQUAL', 'NOTEQUAL', 'MATCHES'] as const;

type Json = Record<string, unknown>;

/** @param file named in errors. @throws ERR_USAGE */
export function parseSourcePolicy(text: string, file: string): PolicyRule[] {
  const fail = (what: string): never => {
    throw new SlipwayError('ERR_USAGE', `${file}: ${what}`, {
      hint: '{"version": 1, "rules": [{"action": "DENY", "selector": {"identifier": "docker-image://*"}}]}',
    });
  };

  function object(value: unknown, what: string, keys: readonly string[]): Json {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return fail(`${what} is no object`);
    const other = Object.keys(value).find((key) => !keys.includes(key));
    if (other !== undefined) fail(`${what} has an unknown field ${JSON.stringify(other)}`);
    return value as Json;
  }

  function list(value: unknown, what: string): unknown[] {
    if (value === undefined || value === null) return [];
    return Array.isArray(value) ? value : fail(`${what} is no list`);
  }

  function string(value: unknown, what: string): string {
    return typeof value === 'string' ? value : fail(`${what} is no text`);
  }

  function oneOf<T extends string>(value: unknown, known: readonly T[], what: string): T {
    const found = typeof value === 'number' ? known[value] : known.find((one) => one === (value ?? known[0]));
    return found ?? fail(`${what} is ${known.join(', ')}, not ${JSON.stringify(value)}`);
  }

  function constraint(value: unknown, what: string): PolicyRule['holds'] {
    const { key, value: wanted = '', condition } = object(value, what, ['key', 'value', 'condition']);
    const name = string(key, `the key of ${what}`);
    const expected = string(wanted, `the value of ${what}`);
    switch (oneOf(condition, conditions, `the condition of ${what}`)) {
      case 'EQUAL':
        return (attrs) => (attrs[name] ?? '') === expected;
      case 'NOTEQUAL':
        return (attrs) => (attrs[name] ?? '') !== expected;
      case 'MATCHES': {
        const expression = policyExpression(expected);
        return (attrs) => expression.exec(attrs[name] ?? '') !== undefined;
      }
    }
  }

  function updatesOf(value: unknown, what: string): PolicyRule['updates'] {
    const { identifier = '', attrs = {} } = object(value, what, ['identifier', 'attrs']);
    const pairs = Object.entries(
      attrs === null || typeof attrs !== 'object' ? fail(`attrs of ${what} are no object`) : attrs,
    );
    return {
      identifier: string(identifier, `the identifier of ${what}`),
      attrs: Object.fromEntries(pairs.map(([key, one]) => [key, string(one, `${key} of ${what}`)])),
    };
  }

  function rule(value: unknown, index: number): PolicyRule {
    const what = `rule ${index + 1}`;
    const { action, selector, updates } = object(value, what, ['action', 'selector', 'updates']);
    const known = oneOf(action, actions, `the action of ${what}`);
    if (selector === undefined || selector === null) fail(`${what} has no selector`);
    const { identifier, matchType, match_type, constraints } = object(selector, `the selector of ${what}`, [
      'identifier',
      'matchType',
      'match_type',
      'constraints',
    ]);
    const text = string(identifier, `the identifier of ${what}`);
    if (known === 'CONVERT' && (updates === undefined || updates === null))
      fail(`${what} converts into nothing: it has no updates`);
    if (known !== 'CONVERT' && updates !== undefined && updates !== null)
      fail(`${what} has updates, which CONVERT alone takes`);
    const held = list(constraints, `the constraints of ${what}`).map((one) =>
      constraint(one, `a constraint of ${what}`),
    );
    return {
      number: index + 1,
      action: known,
      identifier: text,
      pattern: policyPattern(text, oneOf(matchType ?? match_type, matchTypes, `the match type of ${what}`)),
      holds: (attrs) => held.every((one) => one(attrs)),
      updates:
        known === 'CONVERT' ? updatesOf(updates, `the updates of ${what}`) : { identifier: '', attrs: {} },
    };
  }

  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    return fail(`it is no JSON: ${(cause as Error).message}`);
  }
  const { version, rules } = object(json, 'the policy', ['version', 'rules']);
  if (version !== undefined && version !== 1 && version !== '1')
    fail(`version ${JSON.stringify(version)} of policies is not known`);
  return list(rules, 'rules').map(rule);
}
