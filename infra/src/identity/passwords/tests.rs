use std::time::Instant;

use super::*;

const LONGEST: &str = "seventeen brass gears turn under the quiet roof of an old lathe museum 8";

fn weak() -> Passwords {
    Passwords::new(Cost::weak_for_tests()).unwrap()
}

fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

async fn set(text: &str) -> Result<PasswordHash, PasswordError> {
    weak().hash(password(text), &["anna.kask@example.com", "Anna Kask", "Hammas OÜ", "Gear & Shaft Works"]).await
}

#[tokio::test]
async fn a_password_is_right_exactly_as_it_was_set() {
    let passwords = weak();
    for text in [
        "lathe turret seventeen",
        "ÜTLE sõber 17!",
        " spaces at the ends ",
        "\u{1f527}\u{1f529} wrench and nut",
        LONGEST,
    ] {
        let hash = passwords.hash(password(text), &[]).await.unwrap();
        assert_eq!(passwords.matches(password(text), Some(hash.clone())).await, Ok(true), "{text}");
        let others = [
            text.to_lowercase() + "?",
            text.to_uppercase(),
            text.trim().to_owned() + "x",
            format!("{text} "),
            String::new(),
        ];
        for other in others.into_iter().filter(|other| other != text) {
            assert_eq!(passwords.matches(password(&other), Some(hash.clone())).await, Ok(false), "{other}");
        }
    }
}

#[tokio::test]
async fn nothing_is_cut_off_what_bcrypt_does_not_see() {
    let passwords = weak();
    let longest = LONGEST;
    assert_eq!(longest.len(), MOST_BYTES);
    let hash = passwords.hash(password(longest), &[]).await.unwrap();
    assert_eq!(passwords.matches(password(&format!("{longest}x")), Some(hash)).await, Ok(false));
    let longer = format!("{longest}x");
    assert_eq!(set(&longer).await, Err(Unfit::TooLong.into()));
    assert_eq!(set(&"õ".repeat(37)).await, Err(Unfit::TooLong.into()), "bytes count");
    // bcrypt repeats what it is given with a zero byte after it: both would have the same hash.
    let hash = passwords.hash(password("turret lathe"), &[]).await.unwrap();
    assert_eq!(passwords.matches(password("turret lathe\0turret lathe"), Some(hash)).await, Ok(false));
    assert_eq!(set("turret lathe\0turret lathe").await, Err(Unfit::ZeroByte.into()));
}

#[tokio::test]
async fn a_short_common_or_known_password_is_refused() {
    for short in ["", "123456789", "õõõõõõõõõ"] {
        assert_eq!(set(short).await, Err(Unfit::TooShort.into()), "{short}");
    }
    for common in [
        "1234567890",
        "qwertyuiop",
        "password123",
        "Password123",
        "P@ssw0rd123",
        "1qaz2wsx3edc",
        "q1w2e3r4t5y6",
        "basketball",
        "manchester",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "0987654321",
        "asdfghjkl123",
        "iloveyou123",
        "anna.kask1",
    ] {
        assert_eq!(set(common).await, Err(Unfit::Common.into()), "{common}");
    }
    for known in ["anna.kask@example.com", "ANNA.KASK@example.com", "gear & shaft works"] {
        assert_eq!(set(known).await, Err(Unfit::Known.into()), "{known}");
    }
    for good in ["lathe turret seventeen", "Vx9-qLm2.wR", "kümme haamrit ja saag"] {
        assert!(set(good).await.is_ok(), "{good}");
    }
}

#[tokio::test]
async fn who_is_unknown_is_answered_no_after_the_work_of_a_hash() {
    let passwords = Passwords::new(Cost::default()).unwrap();
    assert!(bcrypt::HashParts::from_str(&Cost::default().dummy().0).is_ok(), "it is a hash as any other");
    let hash = passwords.hash(password("lathe turret seventeen"), &[]).await.unwrap();
    let mut took = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..5 {
        let tried = [("a wrong one", Some(hash.clone())), ("a wrong one", None), (&"x".repeat(200), None)];
        for (took, (text, hash)) in took.iter_mut().zip(tried) {
            let begun = Instant::now();
            assert_eq!(passwords.matches(password(text), hash).await, Ok(false));
            took.push(begun.elapsed());
        }
    }
    // The least of each is what no other process disturbed; half of it is far from "no work", which takes microseconds.
    let least = took.map(|mut took| {
        took.sort();
        took[0]
    });
    assert!(least[1] * 2 > least[0] && least[0] * 2 > least[1] && least[2] * 2 > least[0], "{least:?}");
}

#[tokio::test]
async fn a_hash_of_less_work_is_outdated_and_a_damaged_one_is_told() {
    let hash = weak().hash(password("lathe turret seventeen"), &[]).await.unwrap();
    assert!(!weak().is_outdated(&hash));
    assert!(Passwords::new(Cost::default()).unwrap().is_outdated(&hash));
    let damaged = PasswordHash(Zeroizing::new("$2b$04$short".to_owned()));
    assert!(weak().is_outdated(&damaged));
    assert_eq!(weak().matches(password("lathe turret seventeen"), Some(damaged)).await, Err(PasswordError::Damaged));
}

#[tokio::test]
async fn a_hash_goes_through_the_vault_and_shows_nothing_on_the_way() {
    let passwords = weak();
    let hash = passwords.hash(password("lathe turret seventeen"), &[]).await.unwrap();
    assert_eq!(format!("{hash:?}"), "bcrypt of cost Some(4)");
    let again: PasswordHash = serde_json::from_str(&serde_json::to_string(&hash).unwrap()).unwrap();
    assert_eq!(passwords.matches(password("lathe turret seventeen"), Some(again)).await, Ok(true));
}

#[test]
fn no_cost_below_twelve_can_be_had() {
    for (cost, is_fit) in [(0, false), (4, false), (11, false), (12, true), (16, true), (17, false)] {
        assert_eq!(Cost::new(cost).is_some(), is_fit, "{cost}");
    }
    assert_eq!(Cost::default().get(), 12);
}

#[tokio::test]
async fn a_hash_of_less_work_than_new_ones_takes_as_long_to_try_as_none() {
    let outdated = weak().hash(password("turret lathe seventeen"), &[]).await.unwrap();
    let passwords = Passwords::new(Cost(9)).unwrap();
    let mut quickest = [f64::INFINITY; 2];
    for _ in 0..5 {
        for (quickest, hash) in quickest.iter_mut().zip([None, Some(outdated.clone())]) {
            let begun = Instant::now();
            assert_eq!(passwords.matches(password("some other one"), hash).await, Ok(false));
            *quickest = quickest.min(begun.elapsed().as_secs_f64());
        }
    }
    let [none, outdated] = quickest;
    assert!(outdated > none * 0.8 && outdated < none * 1.25, "{outdated} s, {none} s for none");
}
