//! A member's browser, as far as the dashboard needs one: it keeps a cookie, sends forms, and shows
//! where it is redirected to instead of going there.

use eloquent_tests::app::{EMAIL, PASSWORD, TestApp};
use reqwest::{
    Method, RequestBuilder, Response,
    header::{HeaderMap, LOCATION, SET_COOKIE},
    redirect::Policy,
};

/// A browser.
pub(super) struct Browser {
    http: reqwest::Client,
    /// The cookie as it is sent, if there is one.
    pub(super) cookie: Option<String>,
}

/// What came back.
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Page {
    /// Where it leads, if it is a redirect.
    pub(super) fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of a field of a form on the page.
    pub(super) fn field(&self, name: &str) -> &str {
        let start = format!("name=\"{name}\" value=\"");
        let (_, after) = self.body.split_once(&start).unwrap_or_else(|| panic!("no field {name}"));
        after.split_once('"').unwrap().0
    }

    /// Every address on the page that begins like this.
    pub(super) fn links(&self, start: &str) -> Vec<String> {
        let parts = self.body.split("href=\"").skip(1).filter_map(|part| part.split('"').next());
        parts.filter(|link| link.starts_with(start)).map(ToOwned::to_owned).collect()
    }
}

impl Browser {
    /// A browser that has never been here.
    pub(super) fn new() -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { http, cookie: None }
    }

    /// A browser whose member is logged in.
    pub(super) async fn logged_in(app: &TestApp) -> Self {
        let mut browser = Self::new();
        let page = browser.log_in(app, EMAIL, PASSWORD).await;
        assert_eq!((page.status, page.location()), (303, "/dashboard"));
        browser
    }

    /// Sends the log-in form and keeps the cookie that comes back.
    pub(super) async fn log_in(&mut self, app: &TestApp, email: &str, password: &str) -> Page {
        let page = self.post(app, "/dashboard/login", &[("email", email), ("password", password)]).await;
        if let Some(cookie) = page.headers.get(SET_COOKIE) {
            self.cookie = cookie.to_str().unwrap().split(';').next().map(ToOwned::to_owned);
        }
        page
    }

    pub(super) async fn get(&self, app: &TestApp, path: &str) -> Page {
        read(self.request(app, Method::GET, path).send().await.unwrap()).await
    }

    /// A form that a page of the dashboard sends.
    pub(super) async fn post(&self, app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.request(app, Method::POST, path).header("sec-fetch-site", "same-origin");
        read(form(request, fields).send().await.unwrap()).await
    }

    /// A form with a file in a field of this name.
    pub(super) async fn upload(&self, app: &TestApp, path: &str, field: &str, file: &[u8]) -> Page {
        let head = format!(
            "--boundary\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"a.png\"\r\n\
            content-type: image/png\r\n\r\n"
        );
        let body = [head.as_bytes(), file, b"\r\n--boundary--\r\n"].concat();
        let request = self.request(app, Method::POST, path).header("sec-fetch-site", "same-origin");
        let request = request.header("content-type", "multipart/form-data; boundary=boundary").body(body);
        read(request.send().await.unwrap()).await
    }

    /// A form with the headers that a test wants, and no others that tell where it comes from.
    pub(super) async fn post_from(
        &self,
        app: &TestApp,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Page {
        let mut request = self.request(app, Method::POST, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(form(request, fields).send().await.unwrap()).await
    }

    fn request(&self, app: &TestApp, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, app.at(path));
        match &self.cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        }
    }
}

fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    request.header("content-type", "application/x-www-form-urlencoded").body(pairs.join("&"))
}

/// Percent-encoding of every byte, which needs no exceptions.
pub(super) fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |out, byte| format!("{out}%{byte:02X}"))
}

async fn read(response: Response) -> Page {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Page { status, headers, body: response.text().await.unwrap() }
}
