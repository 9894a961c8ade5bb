//! The store through its public API, on real files. Nothing is mocked; tokens are really signed and
//! verified.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod admission;
#[cfg(test)]
mod api_keys;
#[cfg(test)]
mod attempts;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod erase;
#[cfg(test)]
mod erased_files;
#[cfg(test)]
mod export;
#[cfg(test)]
mod footprint;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod knowledge;
#[cfg(test)]
mod profiles;
#[cfg(test)]
mod reseal;
#[cfg(test)]
mod search;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod turns;
#[cfg(test)]
mod writing;
