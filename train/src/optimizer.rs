//! AdamW (Loshchilov and Hutter 2019) with a learning rate for every layer, and a state that is kept by name.

use crate::error::TrainError;
use crate::schedule::{Part, layer_share};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::{AdamW, AdamWConfig, AdamWState, GradientsParams, Optimizer as _};
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// The optimizer of a network.
pub struct Optimizer {
    decayed: AdamW,
    plain: AdamW,
    /// The state of every parameter, flattened, by its path in the network.
    states: BTreeMap<String, AdamWState<1>>,
}

/// Which share of the learning rate a parameter has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RateShares {
    /// The nearer to the tokens, the smaller (Howard and Ruder 2018).
    ByLayer {
        /// What the rate of a layer is multiplied by for each layer above it.
        decay: f64,
        /// Layers of the network.
        layers: u32,
    },
    /// What is called `head` has this share, and all else the whole rate.
    HeadApart(f64),
}

impl RateShares {
    fn of(self, path: &str) -> f64 {
        match self {
            Self::ByLayer { decay, layers } => layer_share(decay, layers, part_of(path)),
            Self::HeadApart(share) => {
                if path.starts_with("head.") {
                    share
                } else {
                    1.0
                }
            }
        }
    }
}

/// The part of a network over an encoder that a parameter belongs to.
fn part_of(path: &str) -> Part {
    match path.strip_prefix("encoder.layers.") {
        Some(rest) => Part::Layer(rest.split('.').next().and_then(|number| number.parse().ok()).unwrap_or(0)),
        None if path.starts_with("encoder.") => Part::Embeddings,
        None => Part::Head,
    }
}

/// How far one step goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The highest learning rate of a parameter.
    pub rate: f64,
    /// Which share of it each parameter has.
    pub shares: RateShares,
    /// What gradients are multiplied by, to clip them.
    pub scale: f32,
}

impl Step {
    /// The learning rate of a parameter.
    pub fn rate_of(&self, path: &str) -> f64 {
        self.rate * self.shares.of(path)
    }
}

/// Whether a parameter is drawn towards zero: products are, shifts and norms are not.
fn is_decayed(path: &str) -> bool {
    path.ends_with(".weight")
}

impl Optimizer {
    /// An optimizer that has seen nothing.
    pub fn new(weight_decay: f32) -> Self {
        let config = AdamWConfig::new().with_epsilon(1e-8);
        Self {
            decayed: config.clone().with_weight_decay(weight_decay).build(),
            plain: config.with_weight_decay(0.0).build(),
            states: BTreeMap::new(),
        }
    }

    /// One step of every parameter that has a gradient.
    pub fn step<M: Module>(&mut self, model: M, gradients: GradientsParams, step: Step) -> M {
        model.map(&mut Stepping { optimizer: self, gradients, step, path: Vec::new() })
    }

    /// The state as a safetensors file.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`].
    pub fn to_bytes(&self, path: &Path) -> Result<Vec<u8>, TrainError> {
        let failed = |reason: String| TrainError::Checkpoint { path: path.to_path_buf(), reason };
        let mut times = HashMap::new();
        let mut moments: Vec<(String, Vec<u8>)> = Vec::new();
        for (name, state) in &self.states {
            times.insert(name.clone(), state.momentum.time.to_string());
            for (kind, moment) in [("1", &state.momentum.moment_1), ("2", &state.momentum.moment_2)] {
                let data = moment.to_data().convert::<f32>();
                let values = data.as_slice::<f32>().map_err(|error| failed(format!("{error:?}")))?;
                moments.push((format!("{kind}.{name}"), values.iter().flat_map(|value| value.to_le_bytes()).collect()));
            }
        }
        let views = moments
            .iter()
            .map(|(name, bytes)| Ok((name, TensorView::new(Dtype::F32, vec![bytes.len() / 4], bytes)?)))
            .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
            .map_err(|error| failed(error.to_string()))?;
        safetensors::serialize(views, Some(times)).map_err(|error| failed(error.to_string()))
    }

    /// Takes up a state that [`Optimizer::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`].
    pub fn restore(&mut self, bytes: &[u8], path: &Path, device: &Device) -> Result<(), TrainError> {
        let failed = |reason: String| TrainError::Checkpoint { path: path.to_path_buf(), reason };
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| failed(error.to_string()))?;
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| failed(error.to_string()))?;
        let times = metadata.metadata().clone().ok_or_else(|| failed("it has no times".to_owned()))?;
        let moment = |name: String| -> Result<Tensor<1>, TrainError> {
            let view = tensors.tensor(&name).map_err(|error| failed(error.to_string()))?;
            let values: Vec<f32> = view
                .data()
                .chunks_exact(4)
                .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
                .collect();
            let count = values.len();
            Ok(Tensor::from_data(TensorData::new(values, [count]), device))
        };
        self.states.clear();
        let times: BTreeMap<String, String> = times.into_iter().collect();
        for (name, time) in times {
            let time = time.parse().map_err(|_| failed(format!("the time of `{name}` is no number")))?;
            let mut momentum = burn::optim::AdaptiveMomentumState::new(
                time,
                moment(format!("1.{name}"))?,
                moment(format!("2.{name}"))?,
            );
            momentum.time = time;
            self.states.insert(name, AdamWState::new(momentum));
        }
        Ok(())
    }
}

struct Stepping<'o> {
    optimizer: &'o mut Optimizer,
    gradients: GradientsParams,
    step: Step,
    path: Vec<String>,
}

impl ModuleMapper for Stepping<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = param.consume();
        let Some(gradient) = self.gradients.remove::<D>(id) else {
            return Param::from_mapped_value(id, tensor, mapper);
        };
        let path = self.path.join(".");
        let is_trained = tensor.is_require_grad();
        let values = tensor.inner();
        let shape = values.dims();
        let count = shape.iter().product::<usize>();
        let gradient = gradient.mul_scalar(self.step.scale).reshape([count]);
        let optimizer = if is_decayed(&path) { &self.optimizer.decayed } else { &self.optimizer.plain };
        let state = self.optimizer.states.remove(&path);
        let (values, state) = optimizer.step(self.step.rate_of(&path), values.reshape([count]), gradient, state);
        if let Some(state) = state {
            self.optimizer.states.insert(path, state);
        }
        let values = Tensor::from_inner(values.reshape(shape)).set_require_grad(is_trained);
        Param::from_mapped_value(id, values, mapper)
    }
}

/// The length of all gradients taken together (their L2 norm).
pub fn norm<M: Module>(model: &M, gradients: &GradientsParams) -> f32 {
    let mut visitor = Norm { gradients, sum: 0.0 };
    model.visit(&mut visitor);
    visitor.sum.sqrt() as f32
}

struct Norm<'g> {
    gradients: &'g GradientsParams,
    sum: f64,
}

impl ModuleVisitor for Norm<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            self.sum += f64::from(gradient.square().sum().into_scalar::<f32>());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_layers_learn_more_slowly() {
        let step = Step { rate: 1.0, shares: RateShares::ByLayer { decay: 0.5, layers: 2 }, scale: 1.0 };
        assert_eq!(step.rate_of("classifier.weight"), 1.0);
        assert_eq!(step.rate_of("features.3.weight"), 1.0);
        assert_eq!(step.rate_of("encoder.layers.1.query.weight"), 0.5);
        assert_eq!(step.rate_of("encoder.layers.0.output.bias"), 0.25);
        assert_eq!(step.rate_of("encoder.embeddings.norm.gamma"), 0.125);
        assert!(is_decayed("classifier.weight") && !is_decayed("classifier.bias"));
        assert!(!is_decayed("encoder.embeddings.norm.gamma"));
    }

    #[test]
    fn a_head_apart_has_a_rate_of_its_own() {
        let step = Step { rate: 2.0, shares: RateShares::HeadApart(0.25), scale: 1.0 };
        assert_eq!(step.rate_of("head.first.weight"), 0.5);
        assert_eq!(step.rate_of("proposals.objectness.weight"), 2.0);
        assert_eq!(step.rate_of("backbone.compact.stages.0.enter.weight"), 2.0);
    }
}
