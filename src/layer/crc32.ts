// The CRC-32 of two runs of bytes together, from the CRC of each: polynomials over GF(2), bits reflected (RFC 1952, 8).

const polynomial = 0xedb88320;
const one = 0x80000000;
const oneByte = 0x00800000;

/** @param length bytes of the second run. */
export function combineCrc32(first: number, second: number, length: number): number {
  return (multiply(first, powerOfByte(length)) ^ second) >>> 0;
}

/** What `length` bytes of zeros multiply a CRC by. */
function powerOfByte(length: number): number {
  let power = one;
  let square = oneByte;
  for (let rest = length; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiply(power, square);
    square = multiply(square, square);
  }
  return power;
}

function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  for (let bit = one; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= factor;
    factor = factor & 1 ? (factor >>> 1) ^ polynomial : factor >>> 1;
  }
  return product >>> 0;
}
