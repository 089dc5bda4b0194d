//! QR codes as PNG pictures.

use bytes::Bytes;
use qrcode::{Color, EcLevel, QrCode};

/// Pixels of a module, and modules of the quiet zone around the code.
const SCALE: usize = 6;
const QUIET: usize = 4;

/// The picture of a code that says `value`: black on white, 8 bits of grey a pixel. Empty for a value that no code can
/// hold.
pub(crate) fn png(value: &str) -> Bytes {
    draw(value).map(Bytes::from).unwrap_or_default()
}

fn draw(value: &str) -> Option<Vec<u8>> {
    let code = QrCode::with_error_correction_level(value, EcLevel::L).ok()?;
    let (modules, colors) = (code.width(), code.to_colors());
    let side = (modules + 2 * QUIET) * SCALE;
    let dark = |x: usize, y: usize| {
        let (x, y) = ((x / SCALE).checked_sub(QUIET)?, (y / SCALE).checked_sub(QUIET)?);
        let module = colors.get(y * modules + x).filter(|_| x < modules)?;
        (*module == Color::Dark).then_some(())
    };
    let pixels: Vec<u8> =
        (0..side * side).map(|at| if dark(at % side, at / side).is_some() { 0 } else { 255 }).collect();
    let mut picture = Vec::new();
    let side = u32::try_from(side).ok()?;
    let mut encoder = png::Encoder::new(&mut picture, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(picture)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_picture_begins_as_a_png_does() {
        assert!(super::png("2@abc").starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_ne!(super::png("2@abc"), super::png("2@abd"));
        assert!(super::png(&"x".repeat(9_000)).is_empty());
    }
}
