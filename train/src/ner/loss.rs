//! What training makes small: cross-entropy over the tags of tokens, with weights, smoothing and focus.

use super::store::{Example, IGNORED};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Tensor, TensorData};

/// How wrong tags are weighed.
#[derive(Debug, Clone, PartialEq)]
pub struct Loss {
    /// The share of a target that is spread over all tags (Szegedy et al. 2016).
    pub smoothing: f32,
    /// How little tokens count that are right already (Lin et al. 2017); 0 is plain cross-entropy.
    pub focus: f32,
    /// The weight of every tag.
    pub weights: Vec<f32>,
}

impl Loss {
    /// The sum of the weights of the tokens that count.
    pub fn weight(&self, examples: &[&Example]) -> f32 {
        let tags = examples.iter().flat_map(|example| &example.tags);
        tags.filter(|tag| **tag != IGNORED).map(|tag| self.weights[usize::from(*tag)]).sum()
    }

    /// The loss of scores `[batch, length, tags]`, summed over tokens and divided by `total`.
    pub fn of(&self, scores: Tensor<3>, examples: &[&Example], total: f32) -> Tensor<1> {
        let [batch, length, tags] = scores.dims();
        let rows = [batch * length, tags];
        let logarithms = log_softmax(scores.reshape(rows), 1);
        let targets =
            Tensor::from_data(TensorData::new(self.targets(examples, length, tags), rows), &logarithms.device());
        let losses = (logarithms.clone() * targets).neg();
        if self.focus <= 0.0 {
            return losses.sum().div_scalar(total);
        }
        // The probability of the right tag is no way for gradients in the weight, as in the paper's first form.
        let right = Tensor::from_data(TensorData::new(right(examples, length, tags), rows), &logarithms.device());
        let probability = (logarithms * right).sum_dim(1).exp();
        let far = probability.neg().add_scalar(1.0).clamp_min(1.0e-6).powf_scalar(self.focus);
        (losses.sum_dim(1) * far).sum().div_scalar(total)
    }

    /// The weighted, smoothed target of every token, row after row.
    fn targets(&self, examples: &[&Example], length: usize, tags: usize) -> Vec<f32> {
        let mut targets = vec![0.0; examples.len() * length * tags];
        for (row, tag) in counted(examples, length) {
            let weight = self.weights[tag];
            let row = &mut targets[row * tags..(row + 1) * tags];
            if self.smoothing > 0.0 {
                row.fill(weight * self.smoothing / tags as f32);
            }
            row[tag] += weight * (1.0 - self.smoothing);
        }
        targets
    }
}

/// Rows of the scores that count, with their tags.
fn counted<'e>(examples: &'e [&Example], length: usize) -> impl Iterator<Item = (usize, usize)> + 'e {
    examples.iter().enumerate().flat_map(move |(text, example)| {
        let tags = example.tags.iter().enumerate().filter(|(_, tag)| **tag != IGNORED);
        tags.map(move |(place, tag)| (text * length + place, usize::from(*tag)))
    })
}

fn right(examples: &[&Example], length: usize, tags: usize) -> Vec<f32> {
    let mut right = vec![0.0; examples.len() * length * tags];
    for (row, tag) in counted(examples, length) {
        right[row * tags + tag] = 1.0;
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;
    use efface_nets::classifier::Sequence;

    fn example(tags: &[u8]) -> Example {
        let sequence = Sequence { ids: vec![1; tags.len()], features: vec![Default::default(); tags.len()] };
        Example { sequence, tags: tags.to_vec() }
    }

    fn value(loss: &Loss, scores: Vec<f32>, examples: &[&Example], total: f32) -> f32 {
        let length = examples.iter().map(|example| example.tags.len()).max().expect("some");
        let tags = scores.len() / (examples.len() * length);
        let scores = Tensor::from_data(TensorData::new(scores, [examples.len(), length, tags]), &Device::flex());
        loss.of(scores, examples, total).into_scalar::<f32>()
    }

    /// Values of `torch.nn.functional.cross_entropy` (PyTorch 2.9), rounded: see the comments.
    #[test]
    fn equals_cross_entropy() {
        let first = example(&[IGNORED, 0, 2]);
        let second = example(&[1]);
        let scores = vec![
            9.0, 9.0, 9.0, 1.0, 2.0, 3.0, 0.5, 0.0, -0.5, // first
            0.0, 1.0, 0.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, // second, of which only the first token is one
        ];
        let plain = Loss { smoothing: 0.0, focus: 0.0, weights: vec![1.0; 3] };
        let examples = [&first, &second];
        assert_eq!(plain.weight(&examples), 3.0);
        // By hand: log(e^1+e^2+e^3)-1 = 2.407606, log(e^.5+1+e^-.5)+.5 = 1.680271, log(2+e)-1 = 0.551445.
        let loss = value(&plain, scores.clone(), &examples, 3.0);
        assert!((loss - (2.407_606 + 1.680_271 + 0.551_445) / 3.0).abs() < 1e-5, "{loss}");
        let weighted = Loss { weights: vec![1.0, 2.0, 0.5], ..plain.clone() };
        let loss = value(&weighted, scores.clone(), &examples, weighted.weight(&examples));
        assert!((loss - (2.407_606 + 0.5 * 1.680_271 + 2.0 * 0.551_445) / 3.5).abs() < 1e-5, "{loss}");
        let focal = Loss { focus: 2.0, ..plain.clone() };
        let far = |loss: f32| loss * (1.0 - (-loss).exp()).powi(2);
        let loss = value(&focal, scores.clone(), &examples, 3.0);
        assert!((loss - (far(2.407_606) + far(1.680_271) + far(0.551_445)) / 3.0).abs() < 1e-5, "{loss}");
        // Smoothing adds the mean loss of all tags: rows have 1.407606, 1.180271 and 1.218112.
        let smooth = Loss { smoothing: 0.3, ..plain };
        let loss = value(&smooth, scores, &examples, 3.0);
        let expected = 0.7 * (2.407_606 + 1.680_271 + 0.551_445) + 0.3 * (1.407_606 + 1.180_271 + 1.218_112);
        assert!((loss - expected / 3.0).abs() < 1e-5, "{loss}");
    }
}
