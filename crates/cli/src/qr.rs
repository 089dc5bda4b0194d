//! QR codes: drawn in characters, and read from the pictures that gateways make of them.

use std::io::Cursor;

use png::{ColorType, Decoder, Limits, Transformations};
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use rqrr::PreparedImage;

/// Pictures of codes have some hundred pixels a side: a larger one is none.
const MOST_BYTES: usize = 32 << 20;

/// The code in half blocks, light on dark as terminals mostly are, with its quiet zone. `None` for what no code can
/// hold.
pub(crate) fn draw(value: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(value, EcLevel::L).ok()?;
    // a "dark" cell is one that is printed
    let drawn = code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
    Some(drawn + "\n")
}

/// What the code in a PNG says; `None` where none can be read.
pub(crate) fn read(picture: &[u8]) -> Option<String> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(picture), Limits { bytes: MOST_BYTES });
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let size = reader.output_buffer_size().filter(|size| *size <= MOST_BYTES)?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).ok()?;
    let (width, height) = (usize::try_from(frame.width).ok()?, usize::try_from(frame.height).ok()?);
    let samples = frame.color_type.samples();
    let grey = |x: usize, y: usize| {
        let at = y * frame.line_size + x * samples;
        pixels.get(at..at + samples).map_or(255, |pixel| luma(frame.color_type, pixel))
    };
    let mut image = PreparedImage::prepare_from_greyscale(width, height, grey);
    image.detect_grids().into_iter().find_map(|grid| Some(grid.decode().ok()?.1))
}

/// How light a pixel is; what can be seen through is white.
fn luma(color: ColorType, pixel: &[u8]) -> u8 {
    match (color, pixel) {
        (ColorType::GrayscaleAlpha, [_, alpha]) | (ColorType::Rgba, [_, _, _, alpha]) if *alpha < 128 => 255,
        (ColorType::Rgb | ColorType::Rgba, [r, g, b, ..]) => {
            let sum = u32::from(*r) * 3 + u32::from(*g) * 6 + u32::from(*b);
            u8::try_from(sum / 10).unwrap_or(255)
        }
        (_, [grey, ..]) => *grey,
        _ => 255,
    }
}

#[cfg(test)]
mod tests {
    use qrcode::Color;

    use super::*;

    const VALUE: &str = "2@0123456789abcdefghijklmnopqrstuvwxyz,ABCDEFGHIJKLMNOPQRSTUVWXYZ,+/=0123456789,1";

    /// A picture of a code in this type of colour, as gateways make them.
    fn picture(color: ColorType, scale: usize) -> Vec<u8> {
        let code = QrCode::new(VALUE).unwrap();
        let (modules, colors) = (code.width(), code.to_colors());
        let side = (modules + 8) * scale;
        let mut pixels = Vec::new();
        for y in 0..side {
            for x in 0..side {
                let (x, y) = ((x / scale).wrapping_sub(4), (y / scale).wrapping_sub(4));
                let dark = x < modules && y < modules && colors[y * modules + x] == Color::Dark;
                match (color, dark) {
                    (ColorType::Rgba, true) => pixels.extend([0, 0, 0, 255]),
                    (ColorType::Rgba, false) => pixels.extend([0, 0, 0, 0]),
                    (ColorType::Rgb, dark) => pixels.extend([if dark { 10 } else { 250 }; 3]),
                    (_, dark) => pixels.push(if dark { 0 } else { 255 }),
                }
            }
        }
        let mut bytes = Vec::new();
        let side = u32::try_from(side).unwrap();
        let mut encoder = png::Encoder::new(&mut bytes, side, side);
        encoder.set_color(color);
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        bytes
    }

    #[test]
    fn a_code_is_read_from_its_picture() {
        for (color, scale) in [(ColorType::Grayscale, 4), (ColorType::Rgb, 6), (ColorType::Rgba, 8)] {
            assert_eq!(read(&picture(color, scale)).as_deref(), Some(VALUE), "{color:?}");
        }
    }

    #[test]
    fn what_is_no_code_is_told_and_no_panic() {
        let whole = picture(ColorType::Grayscale, 2);
        for wrong in [&b""[..], b"\x89PNG\r\n\x1a\n", b"<html>", &whole[..whole.len() / 2]] {
            assert_eq!(read(wrong), None);
        }
    }

    #[test]
    fn a_drawing_is_square_and_has_its_quiet_zone() {
        let drawn = draw(VALUE).unwrap();
        let lines: Vec<_> = drawn.lines().collect();
        let width = lines[0].chars().count();
        assert!(lines.iter().all(|line| line.chars().count() == width));
        assert!(lines.len().abs_diff(width / 2) <= 1, "{} lines, {width} wide", lines.len());
        assert!(lines[0].chars().all(|c| c == '█'), "{}", lines[0]);
        assert!(draw(&"x".repeat(9_000)).is_none());
        // a camera sees what is printed as light
        let light = |x: usize, y: usize| match lines.get(y / 2).and_then(|line| line.chars().nth(x)) {
            Some('█') => true,
            Some('▀') => y.is_multiple_of(2),
            Some('▄') => !y.is_multiple_of(2),
            _ => false,
        };
        let side = width * 4;
        let mut seen =
            PreparedImage::prepare_from_greyscale(
                side,
                side,
                |x, y| if light(x / 4, y / 4) { 255 } else { 0 },
            );
        assert_eq!(seen.detect_grids()[0].decode().unwrap().1, VALUE);
    }
}
