//! Boxes by their corners, how much they share, and how a network says where one lies relative to another.

/// A box in pixels, its corners between pixels: a pixel covers `[x, x + 1)`. The far sides are exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Corners {
    /// The left side.
    pub x0: f32,
    /// The upper side.
    pub y0: f32,
    /// The right side.
    pub x1: f32,
    /// The lower side.
    pub y1: f32,
}

/// The greatest logarithm by which a box may grow when it is decoded, as torchvision has it.
pub const GREATEST_GROWTH: f32 = 4.135_166_6;

impl Corners {
    /// A box from its left, upper, right and lower side.
    pub const fn new(x0: f32, y0: f32, x1: f32, y1: f32) -> Self {
        Self { x0, y0, x1, y1 }
    }

    /// Left, upper, right and lower side.
    pub const fn sides(&self) -> [f32; 4] {
        [self.x0, self.y0, self.x1, self.y1]
    }

    /// A box from its [sides](Corners::sides).
    pub const fn from_sides(sides: [f32; 4]) -> Self {
        Self::new(sides[0], sides[1], sides[2], sides[3])
    }

    /// Pixels from left to right; below 0 if the sides are the wrong way round.
    pub fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    /// Pixels from top to bottom; below 0 if the sides are the wrong way round.
    pub fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    /// Pixels squared; 0 if the sides are the wrong way round.
    pub fn area(&self) -> f32 {
        self.width().max(0.0) * self.height().max(0.0)
    }

    /// Pixels squared that both cover.
    pub fn intersection(&self, other: &Self) -> f32 {
        let shared =
            Self::new(self.x0.max(other.x0), self.y0.max(other.y0), self.x1.min(other.x1), self.y1.min(other.y1));
        shared.area()
    }

    /// Intersection over union, from 0 to 1; 0 for two boxes without area.
    ///
    /// # Examples
    /// ```
    /// use efface_nets::detector::boxes::Corners;
    /// let one = Corners::new(0.0, 0.0, 2.0, 2.0);
    /// assert_eq!(one.iou(&one), 1.0);
    /// assert_eq!(one.iou(&Corners::new(1.0, 0.0, 3.0, 2.0)), 1.0 / 3.0);
    /// ```
    pub fn iou(&self, other: &Self) -> f32 {
        let shared = self.intersection(other);
        let either = self.area() + other.area() - shared;
        if either > 0.0 { shared / either } else { 0.0 }
    }

    /// The smallest box that covers both.
    #[must_use]
    pub fn cover(&self, other: &Self) -> Self {
        Self::new(self.x0.min(other.x0), self.y0.min(other.y0), self.x1.max(other.x1), self.y1.max(other.y1))
    }

    /// The part inside of an image; what is no number becomes the image's side.
    #[must_use]
    pub fn clip(&self, width: f32, height: f32) -> Self {
        // `max` takes the number where the other is none.
        let within = |value: f32, greatest: f32| value.max(0.0).min(greatest);
        let far = |value: f32, greatest: f32| if value.is_nan() { greatest } else { within(value, greatest) };
        Self::new(within(self.x0, width), within(self.y0, height), far(self.x1, width), far(self.y1, height))
    }

    /// Moved and then enlarged.
    #[must_use]
    pub fn moved(&self, right: f32, down: f32, factor: f32) -> Self {
        Self::new(
            (self.x0 + right) * factor,
            (self.y0 + down) * factor,
            (self.x1 + right) * factor,
            (self.y1 + down) * factor,
        )
    }

    /// Whether every side is a number.
    pub fn is_finite(&self) -> bool {
        self.sides().iter().all(|side| side.is_finite())
    }
}

/// Tells a box by its centre and the logarithms of its sides relative to another (Girshick et al. 2014), with the
/// weights and the limit of torchvision's `BoxCoder`. Proposals are told like this.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CentreCoder {
    /// By what the four numbers are multiplied: centre to the right, centre down, width, height.
    pub weights: [f32; 4],
}

impl CentreCoder {
    /// The coder of proposals.
    pub const PROPOSALS: Self = Self { weights: [1.0; 4] };

    /// Four numbers that [`decode`](Self::decode) turns into `target`. Both boxes must have an area.
    pub fn encode(&self, reference: &Corners, target: &Corners) -> [f32; 4] {
        let (width, height) = (reference.width(), reference.height());
        let [right, down, wide, high] = self.weights;
        [
            right * ((target.x0 + 0.5 * target.width()) - (reference.x0 + 0.5 * width)) / width,
            down * ((target.y0 + 0.5 * target.height()) - (reference.y0 + 0.5 * height)) / height,
            wide * (target.width() / width).ln(),
            high * (target.height() / height).ln(),
        ]
    }

    /// The box that four numbers tell relative to `reference`.
    pub fn decode(&self, deltas: [f32; 4], reference: &Corners) -> Corners {
        let (width, height) = (reference.width(), reference.height());
        let [right, down, wide, high] = self.weights;
        let x = deltas[0] / right * width + (reference.x0 + 0.5 * width);
        let y = deltas[1] / down * height + (reference.y0 + 0.5 * height);
        let width = (deltas[2] / wide).min(GREATEST_GROWTH).exp() * width;
        let height = (deltas[3] / high).min(GREATEST_GROWTH).exp() * height;
        Corners::new(x - 0.5 * width, y - 0.5 * height, x + 0.5 * width, y + 0.5 * height)
    }
}

/// Tells a box by its four sides relative to those of another, as multiples of its width and height (He et al. 2019,
/// "Bounding box regression with uncertainty for accurate object detection"), so that a variance of one number is the
/// variance of one side. The head tells boxes like this.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SideCoder {
    /// By what the numbers of the left and right, and of the upper and lower side are multiplied.
    pub weights: [f32; 2],
}

impl SideCoder {
    /// The coder of the head.
    pub const HEAD: Self = Self { weights: [10.0, 10.0] };

    /// Pixels that a difference of 1 in each of the four numbers stands for.
    pub fn scales(&self, reference: &Corners) -> [f32; 4] {
        let (across, down) = (reference.width() / self.weights[0], reference.height() / self.weights[1]);
        [across, down, across, down]
    }

    /// Four numbers that [`decode`](Self::decode) turns into `target`. The reference must have an area.
    pub fn encode(&self, reference: &Corners, target: &Corners) -> [f32; 4] {
        let (from, to, scales) = (reference.sides(), target.sides(), self.scales(reference));
        std::array::from_fn(|side| (to[side] - from[side]) / scales[side])
    }

    /// The box that four numbers tell relative to `reference`. Sides that have passed each other change places.
    pub fn decode(&self, deltas: [f32; 4], reference: &Corners) -> Corners {
        let (from, scales) = (reference.sides(), self.scales(reference));
        let [x0, y0, x1, y1] = std::array::from_fn(|side| from[side] + deltas[side] * scales[side]);
        Corners::new(x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1))
    }

    /// The standard deviation of each side in pixels, of the logarithms of the variances of the four numbers.
    pub fn deviations(&self, log_variances: [f32; 4], reference: &Corners) -> [f32; 4] {
        let scales = self.scales(reference);
        std::array::from_fn(|side| (0.5 * super::losses::clamped(log_variances[side])).exp() * scales[side].abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn corners() -> impl Strategy<Value = Corners> {
        (-50.0_f32..700.0, -50.0_f32..700.0, 1.0_f32..300.0, 1.0_f32..90.0)
            .prop_map(|(x, y, width, height)| Corners::new(x, y, x + width, y + height))
    }

    fn near(one: &Corners, other: &Corners) -> bool {
        one.sides().iter().zip(other.sides()).all(|(one, other)| (one - other).abs() < 2e-3)
    }

    #[test]
    fn what_is_no_number_is_clipped_to_the_image() {
        let odd = Corners::new(f32::NAN, f32::NEG_INFINITY, f32::NAN, f32::INFINITY);
        assert_eq!(odd.clip(9.0, 5.0), Corners::new(0.0, 0.0, 9.0, 5.0));
        assert_eq!(Corners::new(4.0, 4.0, 2.0, 2.0).area(), 0.0);
        assert_eq!(Corners::default().iou(&Corners::default()), 0.0);
    }

    #[test]
    fn a_deviation_is_a_share_of_the_box() {
        let deviations = SideCoder::HEAD.deviations([0.0; 4], &Corners::new(0.0, 0.0, 50.0, 20.0));
        assert_eq!(deviations, [5.0, 2.0, 5.0, 2.0]);
    }

    proptest! {
        #[test]
        fn decoding_takes_encoding_back(reference in corners(), target in corners()) {
            let coder = CentreCoder { weights: [10.0, 10.0, 5.0, 5.0] };
            let within = (target.width() / reference.width()).ln().max((target.height() / reference.height()).ln());
            prop_assume!(within < GREATEST_GROWTH);
            prop_assert!(near(&coder.decode(coder.encode(&reference, &target), &reference), &target));
            let coder = SideCoder::HEAD;
            prop_assert!(near(&coder.decode(coder.encode(&reference, &target), &reference), &target));
        }

        #[test]
        fn sharing_is_mutual_and_at_most_whole(one in corners(), other in corners()) {
            let iou = one.iou(&other);
            prop_assert!((0.0..=1.0).contains(&iou));
            prop_assert_eq!(iou, other.iou(&one));
            prop_assert!((one.iou(&one) - 1.0).abs() < 1e-6);
            prop_assert!(one.cover(&other).intersection(&one) >= one.area() * 0.999);
        }

        #[test]
        fn clipped_boxes_lie_inside(one in corners()) {
            let clipped = one.clip(64.0, 48.0);
            prop_assert!(clipped.x0 >= 0.0 && clipped.y0 >= 0.0 && clipped.x1 <= 64.0 && clipped.y1 <= 48.0);
            prop_assert!(clipped.x0 <= clipped.x1 && clipped.y0 <= clipped.y1);
        }
    }
}
