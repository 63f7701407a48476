//! Where networks compute.

use crate::NetsError;
use burn::tensor::Device;
use std::fmt;
use std::str::FromStr;

/// A device by the name that the command line knows it by: `cpu`, `cuda`, `cuda:1` or `vulkan`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceName {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA card, by number.
    Cuda(usize),
    /// The first device that Vulkan offers.
    Vulkan,
}

impl fmt::Display for DeviceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => formatter.pad("cpu"),
            Self::Cuda(number) => write!(formatter, "cuda:{number}"),
            Self::Vulkan => formatter.pad("vulkan"),
        }
    }
}

impl FromStr for DeviceName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.split_once(':') {
            None if name == "cpu" => Ok(Self::Cpu),
            None if name == "cuda" => Ok(Self::Cuda(0)),
            None if name == "vulkan" => Ok(Self::Vulkan),
            Some(("cuda", number)) => {
                number.parse().map(Self::Cuda).map_err(|_| format!("`{number}` is no number of a card"))
            }
            _ => Err("a device is cpu, cuda, cuda:N or vulkan".to_owned()),
        }
    }
}

impl DeviceName {
    /// The device, if this program was built for it and the machine has it.
    ///
    /// # Errors
    /// [`NetsError::Device`] if not. A missing card is found here, not at the first product of matrices.
    ///
    /// # Examples
    /// ```
    /// use efface_nets::device::DeviceName;
    /// assert!(DeviceName::Cpu.open().is_ok());
    /// ```
    pub fn open(self) -> Result<Device, NetsError> {
        match self {
            Self::Cpu => Ok(Device::flex()),
            Self::Cuda(number) => cuda(number).map_err(|reason| self.missing(reason)),
            Self::Vulkan => vulkan().map_err(|reason| self.missing(reason)),
        }
    }

    fn missing(self, reason: String) -> NetsError {
        NetsError::Device { wanted: self.to_string(), reason }
    }
}

#[cfg(feature = "cuda")]
fn cuda(number: usize) -> Result<Device, String> {
    let found = Device::enumerate(burn::tensor::DeviceType::Cuda).len();
    if number < found { Ok(Device::cuda(number)) } else { Err(format!("this machine has {found} such cards")) }
}

#[cfg(not(feature = "cuda"))]
fn cuda(_: usize) -> Result<Device, String> {
    Err("this program was built without the feature `cuda`".to_owned())
}

#[cfg(feature = "vulkan")]
fn vulkan() -> Result<Device, String> {
    let found = Device::enumerate(burn::tensor::DeviceType::Vulkan);
    if found.is_empty() { Err("Vulkan offers no device".to_owned()) } else { Ok(Device::vulkan(Default::default())) }
}

#[cfg(not(feature = "vulkan"))]
fn vulkan() -> Result<Device, String> {
    Err("this program was built without the feature `vulkan`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_they_were_given() {
        for name in ["cpu", "cuda:0", "cuda:3", "vulkan"] {
            assert_eq!(name.parse::<DeviceName>().expect("known").to_string(), name);
        }
        assert_eq!("cuda".parse(), Ok(DeviceName::Cuda(0)));
        for name in ["", "gpu", "cuda:", "cuda:x", "cpu:1"] {
            assert!(name.parse::<DeviceName>().is_err(), "{name}");
        }
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_device_that_was_not_built_for_is_refused_with_the_remedy() {
        let message = DeviceName::Cuda(0).open().expect_err("not built").to_string();
        assert!(message.contains("cuda:0") && message.contains("--device cpu"), "{message}");
    }
}
