//! A text as a picture that a phone's camera reads.

use fast_qr::{ECL, QRBuilder};

/// Modules of empty margin around it, without which cameras don't find it.
const MARGIN: usize = 4;

/// As an SVG of black on white, whatever the page's colours; `None` where the text is too long for one.
pub(super) fn drawn(text: &str) -> Option<String> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
    let size = code.size;
    let cells = (0..size).flat_map(|y| (0..size).map(move |x| (x, y)));
    let dark: String = cells
        .filter(|(x, y)| code[*y][*x].value())
        .map(|(x, y)| format!("M{} {}h1v1h-1z", x + MARGIN, y + MARGIN))
        .collect();
    let side = size + 2 * MARGIN;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{dark}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_text_is_in_the_picture_but_its_modules() {
        let picture = drawn("\"/><script>alert(1)</script>").unwrap();
        assert!(picture.starts_with("<svg ") && !picture.contains("script"), "{picture}");
        assert_eq!(picture.matches('<').count(), 4);
        assert_eq!(drawn(&"x".repeat(5000)), None);
    }
}
