//! What every other test relies on: whatever a page does wrong is heard, in every engine.

use eloquent_tests::browser::{
    Browser,
    host::{HostPage, page},
};

const WRONG: &str = "<script>
    console.warn('a warning of the page');
    Promise.reject(new Error('nobody cared'));
    setTimeout(() => { throw new Error('thrown late'); });
    setTimeout(() => { alert('look at me'); document.title = 'All done'; }, 20);
    </script>";

#[tokio::test(flavor = "multi_thread")]
async fn exceptions_rejections_and_dialogs_are_errors_also_of_a_page_that_was_left() {
    let wrong = HostPage::serve(page(WRONG, "")).await;
    let fine = HostPage::serve(page("", "")).await;
    let browser = Browser::start().await;
    for leave in [false, true] {
        browser.goto(&wrong.url).await;
        browser.until::<bool>("document.title == 'All done'").await;
        if leave {
            browser.goto(&fine.url).await;
        }
        let said = browser.console().await;
        for (level, words) in [
            ("SEVERE", "nobody cared"),
            ("SEVERE", "thrown late"),
            ("SEVERE", "look at me"),
            ("WARNING", "a warning of the page"),
        ] {
            let heard = said.iter().any(|line| line.starts_with(level) && line.contains(words));
            assert!(heard, "{level} {words}: {said:#?}");
        }
        assert!(browser.console().await.is_empty(), "what was told is not told again");
    }
    browser.goto(&fine.url).await;
    browser.assert_no_errors(&[]).await;
}
