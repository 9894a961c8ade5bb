//! A network that goes wrong between the server and a reader: streams cut anywhere, and split at every
//! byte. No character is lost or doubled, and no message is there twice.

use eloquent_tests::{
    app::TestApp,
    client::{Client, Transcript, read_until, read_until_broken},
    proxy::Proxy,
};
use eloquent_types::chat::StreamEvent;
use serde_json::Value;

const QUESTION: &str = "How do I ask for a refund?";

fn is_end(event: &StreamEvent) -> bool {
    matches!(event, StreamEvent::Done(_) | StreamEvent::Error(_))
}

/// A conversation with one answer, and the visitor who had it.
struct Scene {
    app: TestApp,
    proxy: Proxy,
    client: Client,
    /// The conversation.
    id: String,
    whole: Transcript,
}

impl Scene {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let proxy = Proxy::before(&app).await;
        let mut client = Client::new();
        // A connection for each request: what it brings is counted from its beginning.
        client.http = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        let whole = client.chat(&app, QUESTION, None).await;
        let id = whole.accepted().conversation_id.to_string();
        Self { app, proxy, client, id, whole }
    }

    /// The widget's API as it is reached through the network.
    fn through(&self, path: &str) -> String {
        self.app.api(path).replace(&self.app.url, &self.proxy.url)
    }

    /// Reads the conversation's events from here on, for as long as the connection lasts.
    async fn follow(&self, after: Option<&str>) -> Transcript {
        let url = self.through(&format!("/conversations/{}/events", self.id));
        let request = match after {
            Some(id) => self.client.get(url).header("last-event-id", id),
            None => self.client.get(url),
        };
        match request.send().await {
            Ok(response) => read_until_broken(response, is_end).await.0,
            // Not even the answer's head came through.
            Err(_) => Transcript::default(),
        }
    }

    /// Reads to the end over as many connections as it takes, each from where the one before broke: what
    /// came, and how many they were.
    async fn follow_to_the_end(&self, first: Transcript) -> (Transcript, usize) {
        let mut all = first;
        let mut connections = 0;
        while !all.events.last().is_some_and(|(_, event)| is_end(event)) {
            let rest = self.follow(all.events.last().map(|(id, _)| id.as_str())).await;
            all.events.extend(rest.events);
            connections += 1;
            assert!(connections < 100, "it never gets there: {:?}", all.names());
        }
        (all, connections)
    }
}

/// How many bytes an answer has, its head included.
async fn length(scene: &Scene) -> usize {
    let mut bytes = 0;
    loop {
        scene.proxy.cut_after(bytes + 512);
        bytes += 512;
        if scene.follow(None).await.events.last().is_some_and(|(_, event)| is_end(event)) {
            scene.proxy.mend();
            return bytes;
        }
    }
}

/// How many bytes bring an answer's head and an event more, wherever one stands.
async fn enough_for_one_event(scene: &Scene, uncut: &Transcript) -> usize {
    let mut bytes = 0;
    let (_, begun) = uncut.events.split_last().expect("an end");
    for after in std::iter::once(None).chain(begun.iter().map(|(id, _)| Some(id.as_str()))) {
        while scene.follow(after).await.events.is_empty() || bytes == 0 {
            bytes += 64;
            assert!(bytes < 100_000, "nothing comes after {after:?}");
            scene.proxy.cut_after(bytes);
        }
    }
    bytes
}

#[tokio::test]
async fn a_stream_that_is_cut_anywhere_and_resumed_is_the_same_text_once() {
    let scene = Scene::start().await;
    let uncut = scene.follow(None).await;
    assert_eq!(uncut.text(), scene.whole.text());
    let length = length(&scene).await;
    let mut broken = 0;
    // A step that no length of an event has in common.
    for bytes in (1..length).step_by(7) {
        scene.proxy.cut_after(bytes);
        let first = scene.follow(None).await;
        broken += usize::from(first.events.len() < uncut.events.len());
        scene.proxy.mend();
        let (all, _) = scene.follow_to_the_end(first).await;
        assert_eq!((all.text(), all.names()), (uncut.text(), uncut.names()), "cut after {bytes} bytes");
        assert_eq!(all.last_id(), uncut.last_id());
    }
    assert!(broken > 50, "the cuts came in the middle: {broken}");
}

#[tokio::test]
async fn a_connection_that_breaks_again_and_again_gets_there_all_the_same() {
    let scene = Scene::start().await;
    let uncut = scene.follow(None).await;
    scene.proxy.cut_after(enough_for_one_event(&scene, &uncut).await);
    let (all, connections) = scene.follow_to_the_end(Transcript::default()).await;
    assert_eq!((all.text(), all.names()), (uncut.text(), uncut.names()));
    assert!(connections > 2, "{connections}");
}

#[tokio::test]
async fn a_stream_that_comes_byte_by_byte_is_the_same_text() {
    let scene = Scene::start().await;
    scene.proxy.split(1);
    let uncut = scene.follow(None).await;
    assert_eq!(uncut.text(), scene.whole.text());
    assert_eq!(uncut.last_id(), scene.whole.last_id());
}

#[tokio::test]
async fn a_message_whose_answer_was_cut_anywhere_is_sent_again_and_is_there_once() {
    let mut scene = Scene::start().await;
    let length = length(&scene).await;
    let mut asked = 1;
    for bytes in (1..length).step_by(length / 12) {
        let id = scene.id.clone();
        let body = scene.client.chat_body(QUESTION, Some(&id));
        let send = || scene.client.post(scene.through("/chat")).json(&body).send();
        scene.proxy.cut_after(bytes);
        // Whether the message has reached the server, its sender does not know.
        if let Ok(response) = send().await {
            read_until_broken(response, is_end).await;
        }
        scene.proxy.mend();
        let again = read_until(send().await.unwrap(), is_end).await;
        assert_eq!(again.text(), scene.whole.text(), "cut after {bytes} bytes");
        asked += 1;
        let view = scene.client.view(&scene.app, &id).await.unwrap();
        let texts: Vec<&Value> = view["messages"].as_array().unwrap().iter().map(|it| &it["text"]).collect();
        assert_eq!(texts.len(), 2 * asked, "cut after {bytes} bytes: {texts:#?}");
    }
    assert!(asked > 10);
}

#[tokio::test]
async fn a_closed_line_refuses_and_an_open_one_brings_the_rest() {
    let scene = Scene::start().await;
    scene.proxy.close().await;
    let refused = scene.client.get(scene.through("/config")).send().await.unwrap_err();
    assert!(refused.is_connect() || refused.is_request(), "{refused:?}");
    scene.proxy.open().await;
    let (all, connections) = scene.follow_to_the_end(Transcript::default()).await;
    assert_eq!((all.text(), connections), (scene.whole.text(), 1));
}
