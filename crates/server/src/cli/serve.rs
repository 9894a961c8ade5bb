//! `eloquent serve` and `eloquent demo`: the server from its first line to its last.

use std::{
    fs,
    future::Future,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use eloquent_store::Store;
use tokio::net::TcpListener;

use super::{Failure, failed, say};
use crate::{
    app::{App, Options},
    client_address::Network,
    clock::{Clock as _, SystemClock},
    config::Settings,
    data::Data,
    demo, entropy, http,
    limits::Limits,
};

/// How long running answers may go on after a stop was asked for.
const GRACE: Duration = Duration::from_secs(6);

/// How often a server without requests looks at what commands have left for it, like a new master key.
const TEND_EACH: Duration = Duration::from_secs(2);

/// How long connections may then take to end: some never would, of clients that send half a request.
const LAST_BYTES: Duration = Duration::from_secs(2);

pub(super) async fn serve(settings: Settings) -> Result<(), Failure> {
    let (listen, options) = (settings.listen, Prepared::from(&settings));
    let data = Data::open(&settings.data, settings.master_key)?;
    let lock = data.lock()?;
    let (listener, address) = bind(listen).await?;
    let options = options.finish(address);
    // Before anybody hears that the server runs, and may end it.
    let asked_to_stop = stop_signal()?;
    say(format_args!("Eloquent is listening on {}", options.public_url));
    if data.store.read(|reader| reader.companies().map(|companies| companies.is_empty())).await? {
        say("There is no agent yet. In another terminal:");
        say("  eloquent agent create --name \"My agent\"     creates one and prints its embed tag");
        say("  eloquent user create --email you@example.com  creates your dashboard login");
    }
    run(data.store, options, listener, asked_to_stop).await?;
    drop(lock);
    Ok(())
}

/// As `serve`, on data of its own: a new folder that is removed at the end, unless one is named.
pub(super) async fn demo(settings: Settings, keeps_data: bool) -> Result<(), Failure> {
    let folder = if keeps_data { settings.data.clone() } else { scratch_folder()? };
    let result = demo_in(&folder, &settings).await;
    if !keeps_data {
        // What is left in the system's folder for temporary files is no failure of the demo.
        let _ = fs::remove_dir_all(folder);
    }
    result
}

async fn demo_in(folder: &Path, settings: &Settings) -> Result<(), Failure> {
    let (listen, options) = (settings.listen, Prepared::from(settings));
    let data = Data::open(folder, None)?;
    let lock = data.lock()?;
    let seeded = demo::seed(&data.store, SystemClock.now()).await?;
    let (listener, address) = bind(listen).await?;
    let asked_to_stop = stop_signal()?;
    let mut options = options.finish(address);
    let url = &options.public_url;
    say("The Eloquent demo is running.");
    say(format_args!(
        "  shop       {url}/demo/   (log in there as one of three customers, then open the chat)"
    ));
    say(format_args!("  dashboard  {url}/dashboard"));
    say(format_args!("             {} / {}", seeded.email, seeded.password));
    say(format_args!("  agent      {}", seeded.shop.agent()));
    say("Stop it with Ctrl-C.");
    options.demo = Some(seeded.shop);
    let result = run(data.store, options, listener, asked_to_stop).await;
    drop(lock);
    result
}

fn scratch_folder() -> Result<PathBuf, Failure> {
    Ok(std::env::temp_dir().join(format!("eloquent-demo-{}", entropy::opaque_token()?)))
}

/// The options that do not depend on the address listened on.
struct Prepared {
    public_url: Option<String>,
    clock_skew: Duration,
    pace: Duration,
    limits: Limits,
    trusted_proxies: Vec<Network>,
}

impl From<&Settings> for Prepared {
    fn from(settings: &Settings) -> Self {
        Self {
            public_url: settings.public_url.clone(),
            clock_skew: settings.clock_skew,
            pace: settings.pace,
            limits: settings.limits,
            trusted_proxies: settings.trusted_proxies.clone(),
        }
    }
}

impl Prepared {
    fn finish(self, address: SocketAddr) -> Options {
        let public_url = self.public_url.unwrap_or_else(|| format!("http://{address}"));
        Options {
            clock_skew: self.clock_skew,
            pace: self.pace,
            limits: self.limits,
            trusted_proxies: self.trusted_proxies,
            ..Options::new(public_url)
        }
    }
}

async fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let cannot = |error| failed(format_args!("cannot listen on {listen}: {error}"));
    let listener = TcpListener::bind(listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    Ok((listener, address))
}

/// Serves until a signal asks to stop; then finishes what runs.
async fn run(
    store: Store,
    options: Options,
    listener: TcpListener,
    asked_to_stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Failure> {
    let now = SystemClock.now();
    let interrupted = store.write(move |writer| writer.interrupt_streaming(now)).await?;
    if interrupted > 0 {
        tracing::warn!(interrupted, "answers that a previous run did not finish are marked interrupted");
    }
    let app = App::new(store.clone(), SystemClock, options);
    let stopping = app.clone();
    let graceful = async move {
        asked_to_stop.await;
        tracing::info!("stopping");
        stopping.stop(GRACE).await;
    };
    let cut_off = async {
        app.stopping.cancelled().await;
        tokio::time::sleep(LAST_BYTES).await;
    };
    tokio::select! {
        served = http::serve(listener, app.clone(), graceful) => served?,
        () = cut_off => tracing::warn!("connections that did not end by themselves are cut"),
        () = tend(&store) => {}
    }
    store.close().await;
    Ok(())
}

/// Never ends.
async fn tend(store: &Store) {
    loop {
        tokio::time::sleep(TEND_EACH).await;
        store.tend();
    }
}

#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a handler there is nothing to wait for but the end of the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
