//! Clients that go away between approval and call: the approval is either still there or has made its call.

use std::collections::BTreeMap;

use tests::raw::{Raw, post};

use super::call::{Call, Told};
use super::desk::{Desk, tokens};

/// Approvals that are used by clients that go away, for each kind of tool.
const CALLS: usize = 60;

#[tokio::test]
async fn an_approval_is_never_lost_with_its_client() {
    let security = format!(
        "{}  approval: {{mode: human}}\n  tools: {{crm_search_customers: {{approval: human}}}}\n",
        tokens()
    );
    for (tool, argument) in [("crm_create_deal", "name"), ("crm_search_customers", "query")] {
        let desk = Desk::with(&security).await;
        for number in 0..CALLS {
            let arguments = format!(r#"{{"{argument}":"{number}"}}"#);
            let call = Call::new("agent", tool, &arguments);
            desk.approved(&call).await;
            let (body, headers) = call.message();
            let headers: String =
                headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let mut client = Raw::connect(desk.gateway.address()).await;
            client.send(post(&headers, body.as_bytes())).await;
            for _ in 0..number % 12 {
                tokio::task::yield_now().await;
            }
            client.reset();
            // What the client that went away did not use is there for the next one.
            let told = desk.call(&call).await;
            assert!(matches!(told, Told::Done | Told::Required(_)), "{tool}: {told:?}");
            if let Told::Required(Some(id)) = told {
                assert!(matches!(desk.decide("chief", &id, "deny").await, 200 | 404));
            }
        }
        let Desk { gateway, backend, .. } = desk;
        assert!(gateway.stop().await, "calls were left under way");
        let mut made = BTreeMap::new();
        for request in backend.take() {
            *made.entry(request.body[argument].as_str().unwrap().to_owned()).or_insert(0) += 1;
        }
        let lost: Vec<usize> = (0..CALLS).filter(|number| !made.contains_key(&number.to_string())).collect();
        assert_eq!(lost, Vec::<usize>::new(), "{tool}: approvals that made no call");
        assert!(made.values().all(|times| *times == 1), "{tool}: approvals that made two calls: {made:?}");
    }
}
