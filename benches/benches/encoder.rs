//! The speed of the token classifier on the processor: 16 texts of 64 tokens through 6 layers of 384, forward and a
//! whole step with AdamW over all weights.
//!
//! `scripts/compare-encoder-speed.sh` runs it beside PyTorch. It prints tokens per second, and writes them as one line
//! of JSON to the file that `EFFACE_BENCH_JSON` names.

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsAccumulator, GradientsParams};
use burn::tensor::{Device, Tensor};
use efface_nets::classifier::Sequence;
use efface_nets::encoder::EncoderConfig;
use efface_nets::noise::Noise;
use efface_nets::{Batch, TokenClassifier};
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

const TEXTS: usize = 16;
const LENGTH: usize = 64;
const PARTS: usize = 2;
const ROUNDS: usize = 5;

const CONFIG: &str = r#"{"model_type":"bert","vocab_size":30522,"hidden_size":384,"num_hidden_layers":6,
    "num_attention_heads":12,"intermediate_size":1536,"max_position_embeddings":512,"type_vocab_size":2,
    "layer_norm_eps":1e-12,"hidden_act":"gelu","pad_token_id":0}"#;

fn sequences() -> Vec<Sequence> {
    let id = |text: usize, place: usize| (1000 + (text * 7919 + place * 104_729) % 20_000) as u32;
    (0..TEXTS)
        .map(|text| Sequence {
            ids: (0..LENGTH).map(|place| id(text, place)).collect(),
            features: vec![Default::default(); LENGTH],
        })
        .collect()
}

/// What `work` makes of each part, the parts side by side, in their order.
fn side_by_side<T: Send>(sequences: &[Sequence], work: impl Fn(&[Sequence]) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let work = &work;
        let parts: Vec<_> = sequences.chunks(TEXTS / PARTS).map(|part| scope.spawn(move || work(part))).collect();
        parts.into_iter().map(|part| part.join().expect("no part fails")).collect()
    })
}

fn scores(model: &TokenClassifier, part: &[Sequence], device: &Device) -> Tensor<3> {
    let part: Vec<&Sequence> = part.iter().collect();
    model.forward(Batch::new(&part, 0, device).expect("there are texts"), &mut Noise::none())
}

fn rates(mut work: impl FnMut()) -> Vec<f64> {
    work();
    let mut timed = || {
        let begin = Instant::now();
        work();
        (TEXTS * LENGTH) as f64 / begin.elapsed().as_secs_f64()
    };
    (0..ROUNDS).map(|_| timed()).collect()
}

fn main() {
    let config = EncoderConfig::parse(CONFIG.as_bytes(), Path::new("config.json")).expect("a configuration");
    let device = Device::flex();
    let training = device.clone().autodiff();
    training.seed(1);
    let mut model = TokenClassifier::new(&config, &training);
    let sequences = sequences();

    let still = model.valid();
    let forward = rates(|| {
        let sums = side_by_side(&sequences, |part| scores(&still, part, &device).sum().into_scalar::<f32>());
        assert!(black_box(sums).iter().all(|sum| sum.is_finite()), "scores are numbers");
    });

    let mut optimizer = AdamWConfig::new().init();
    let mut losses = Vec::new();
    let step = rates(|| {
        let passes = side_by_side(&sequences, |part| {
            let model = model.clone().fork(&training);
            let loss = scores(&model, part, &training).square().mean();
            let value = loss.clone().into_scalar::<f32>();
            (value, GradientsParams::from_grads(loss.backward(), &model))
        });
        let mut sum = GradientsAccumulator::new();
        let mut loss = 0.0;
        for (value, gradients) in passes {
            loss += value;
            sum.accumulate(&model, gradients);
        }
        losses.push(loss);
        model = optimizer.step(1e-4, model.clone(), sum.grads());
    });
    // A step of Adam may climb now and then; several go down.
    assert!(losses.last() < losses.first(), "steps go down: {losses:?}");

    let line = serde_json::json!({ "forward": forward, "step": step }).to_string();
    println!("{line}");
    if let Some(path) = std::env::var_os("EFFACE_BENCH_JSON") {
        std::fs::write(path, line + "\n").expect("the file can be written");
    }
}
