//! A colour for each job: far apart for neighbours, dark enough on white, with a colour of text that can be read on it.

/// Golden angle: neighbours in number are far apart in hue.
const TURN: f64 = 137.507_764;

/// A colour in sRGB, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Colour([f64; 3]);

impl Colour {
    /// Of a job, by its number.
    pub(super) fn of(job: u32) -> Self {
        let hue = (f64::from(job) * TURN) % 360.0;
        let saturation = [0.62, 0.45, 0.75][job as usize % 3];
        let mut lightness = [0.52, 0.40, 0.60][job as usize / 3 % 3];
        loop {
            let colour = Self::hsl(hue, saturation, lightness);
            if colour.contrast_to_white() >= 3.0 || lightness < 0.1 {
                return colour;
            }
            lightness -= 0.02;
        }
    }

    fn hsl(hue: f64, saturation: f64, lightness: f64) -> Self {
        let reach = saturation * lightness.min(1.0 - lightness);
        let channel = |shift: f64| {
            let k = (shift + hue / 30.0) % 12.0;
            lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
        };
        Self([channel(0.0), channel(8.0), channel(4.0)])
    }

    fn luminance(self) -> f64 {
        let linear = |c: f64| if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast_to_white(self) -> f64 {
        1.05 / (self.luminance() + 0.05)
    }

    /// Black or white, whichever is read more easily on it.
    pub(super) fn text(self) -> &'static str {
        if self.contrast_to_white() >= 4.5 { "#fff" } else { "#111" }
    }

    /// As SVG writes it.
    pub(super) fn hex(self) -> String {
        let byte = |c: f64| {
            format!("{:02x}", (0..=255_u8).rev().find(|byte| f64::from(*byte) <= c * 255.0 + 0.5).unwrap_or(0))
        };
        format!("#{}{}{}", byte(self.0[0]), byte(self.0[1]), byte(self.0[2]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_stands_out_from_white_and_its_text_from_the_bar() {
        for job in 0..2_000 {
            let colour = Colour::of(job);
            let white = colour.contrast_to_white();
            assert!(white >= 3.0, "{job}: {white}");
            let text = if colour.text() == "#fff" { white } else { 21.0 / white };
            assert!(text >= 4.5, "{job}: {text}");
        }
        assert_eq!(Colour([1.0, 0.0, 0.5]).hex(), "#ff0080");
    }

    #[test]
    fn neighbours_differ() {
        assert!((0..200).all(|job| Colour::of(job) != Colour::of(job + 1)));
    }
}
