//! Integers in decimal, eight digits in one step.

use super::output::Output;

const EIGHT_DIGITS: u64 = 100_000_000;
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Writes a signed number.
#[inline]
pub fn write_signed(number: i64, out: &mut Output) {
    if number < 0 {
        out.put([b'-'], 1);
    }
    write_unsigned(number.unsigned_abs(), out);
}

/// Writes a number, its leading digits first.
#[inline]
fn write_unsigned(number: u64, out: &mut Output) {
    if number < EIGHT_DIGITS {
        write_leading(number, out);
    } else if number < EIGHT_DIGITS * EIGHT_DIGITS {
        write_leading(number / EIGHT_DIGITS, out);
        write_eight(number % EIGHT_DIGITS, out);
    } else {
        write_unsigned(number / EIGHT_DIGITS, out);
        write_eight(number % EIGHT_DIGITS, out);
    }
}

#[inline]
fn write_leading(number: u64, out: &mut Output) {
    let digits = eight_digits(number);
    let zeros = (digits | (1 << 56)).trailing_zeros() / 8; // the last digit stays, also where it is 0
    out.put(((digits | ZEROS) >> (8 * zeros)).to_le_bytes(), 8 - zeros as usize);
}

#[inline]
fn write_eight(number: u64, out: &mut Output) {
    out.put((eight_digits(number) | ZEROS).to_le_bytes(), 8);
}

/// The digits of a number below 10^8, a byte each, the first in the lowest byte.
///
/// Halves of the number, then quarters, then eighths lie side by side in one word and are divided at once: by a product
/// and a shift that are exact for numbers of so few digits.
#[inline]
fn eight_digits(number: u64) -> u64 {
    let halves = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((halves * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let quarters = hundreds | ((halves - 100 * hundreds) << 16);
    let tens = ((quarters * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | ((quarters - 10 * tens) << 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(number: i64) -> String {
        let mut out = Output::default();
        write_signed(number, &mut out);
        String::from_utf8(out.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn numbers_of_every_length_are_written_as_rust_writes_them() {
        for power in 0..19 {
            let power = 10i64.pow(power);
            for near in [power - 1, power, power + 1, power / 2, power * 7 / 3, -power] {
                assert_eq!(written(near), near.to_string());
            }
        }
        for extreme in [i64::MIN, i64::MIN + 1, i64::MAX, -1, 0, i64::from(i32::MIN), i64::from(u32::MAX)] {
            assert_eq!(written(extreme), extreme.to_string());
        }
    }

    #[test]
    fn every_half_of_eight_digits_is_divided_exactly() {
        for half in 0..10_000u64 {
            for number in [half, half * 10_000, half * 10_001] {
                let digits: String =
                    eight_digits(number).to_le_bytes().map(|digit| char::from(b'0' + digit)).iter().collect();
                assert_eq!(digits, format!("{number:08}"));
            }
        }
    }
}
