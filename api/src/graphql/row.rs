//! Rows: objects whose fields are at hand, answered without a future of its own for each field.
//!
//! The engine boxes and schedules every field of every object, which is right for fields that wait, and most of the cost of a list
//! whose fields don't. A [`Row`] is any derived object; what it is called and what it has are the object's own.

use std::borrow::Cow;
use std::task::Poll;

use async_graphql::indexmap::IndexMap;
use async_graphql::indexmap::map::Entry;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::ContainerType;
use async_graphql::{ContextSelectionSet, Name, OutputType, Positioned, ServerError, ServerResult, Value};
use futures_util::future::{OptionFuture, join_all};
use futures_util::poll;

/// One object.
#[derive(Debug, Clone)]
pub struct Row<T>(pub T);

/// A list of objects.
#[derive(Debug, Clone)]
pub struct Rows<T>(Vec<T>);

impl<T> FromIterator<T> for Rows<T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

impl<T: ContainerType> OutputType for Row<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(answer(ctx, &selected::<T>(ctx)?, &self.0).await)
    }
}

impl<T: ContainerType> OutputType for Rows<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    /// Rows with a field that has to wait (a list of their own, say) wait together.
    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        let fields = selected::<T>(ctx)?;
        let vacant = || Box::pin(OptionFuture::from(None));
        let (mut answers, mut late, mut place) = (Vec::with_capacity(self.0.len()), Vec::new(), vacant());
        for (index, row) in self.0.iter().enumerate() {
            place.set(Some(answer_at(ctx, index, &fields, row)).into());
            answers.push(match poll!(place.as_mut()) {
                Poll::Ready(answer) => answer.unwrap_or_default(),
                Poll::Pending => {
                    late.push((index, std::mem::replace(&mut place, vacant())));
                    Value::Null
                }
            });
        }
        let (places, waiting): (Vec<usize>, Vec<_>) = late.into_iter().unzip();
        for (index, answer) in places.into_iter().zip(join_all(waiting).await) {
            answers[index] = answer.unwrap_or_default();
        }
        Ok(Value::List(answers))
    }
}

/// The fields that are selected of a `T`, those of fragments where they are spread. What is skipped by a directive the engine has
/// taken out before.
fn selected<'a, T: OutputType>(ctx: &ContextSelectionSet<'a>) -> ServerResult<Vec<&'a Positioned<Field>>> {
    let mut fields = Vec::with_capacity(ctx.item.node.items.len());
    collect(ctx, &T::type_name(), &ctx.item.node, &mut fields)?;
    Ok(fields)
}

fn collect<'a>(
    ctx: &ContextSelectionSet<'a>,
    object: &str,
    selection: &'a SelectionSet,
    fields: &mut Vec<&'a Positioned<Field>>,
) -> ServerResult<()> {
    for selection in &selection.items {
        let (condition, inner) = match &selection.node {
            Selection::Field(field) => {
                fields.push(field);
                continue;
            }
            Selection::InlineFragment(inline) => (inline.node.type_condition.as_ref(), &inline.node.selection_set),
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                let fragment = ctx.query_env.fragments.get(name);
                let unknown = || ServerError::new(format!("Unknown fragment \"{name}\"."), Some(spread.pos));
                let fragment = &fragment.ok_or_else(unknown)?.node;
                (Some(&fragment.type_condition), &fragment.selection_set)
            }
        };
        let interfaces = ctx.schema_env.registry.implements.get(object);
        let applies = |on: &str| on == object || interfaces.is_some_and(|interfaces| interfaces.contains(on));
        if condition.is_none_or(|condition| applies(&condition.node.on.node)) {
            collect(ctx, object, &inner.node, fields)?;
        }
    }
    Ok(())
}

async fn answer_at<T: ContainerType>(
    ctx: &ContextSelectionSet<'_>,
    index: usize,
    fields: &[&Positioned<Field>],
    row: &T,
) -> Value {
    answer(&ctx.with_index(index), fields, row).await
}

/// These fields of one object, one after the other.
async fn answer<T: ContainerType>(ctx: &ContextSelectionSet<'_>, fields: &[&Positioned<Field>], row: &T) -> Value {
    let mut values = IndexMap::with_capacity(fields.len());
    for field in fields {
        let ctx = ctx.with_field(field);
        let value = if field.node.name.node == "__typename" {
            Ok(Some(Value::from(row.introspection_type_name().into_owned())))
        } else {
            row.resolve_field(&ctx).await
        };
        match value {
            Ok(value) => put(&mut values, field.node.response_key().node.clone(), value.unwrap_or_default()),
            Err(error) => ctx.add_error(error),
        }
    }
    if values.is_empty() { Value::Null } else { Value::Object(values) }
}

/// A field that is selected twice is answered once, with what either selection asks of it.
fn put(values: &mut IndexMap<Name, Value>, name: Name, value: Value) {
    match values.entry(name) {
        Entry::Vacant(vacant) => _ = vacant.insert(value),
        Entry::Occupied(mut known) => merge(known.get_mut(), value),
    }
}

fn merge(known: &mut Value, more: Value) {
    match (known, more) {
        (Value::Object(known), Value::Object(more)) => {
            more.into_iter().for_each(|(name, value)| put(known, name, value));
        }
        (Value::List(known), Value::List(more)) => {
            known.iter_mut().zip(more).for_each(|(known, more)| merge(known, more));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{ComplexObject, EmptyMutation, EmptySubscription, Error, Object, Schema, SimpleObject};

    use super::*;

    #[derive(Clone, SimpleObject)]
    struct Maker {
        name: &'static str,
        city: Option<&'static str>,
    }

    #[derive(Clone, SimpleObject)]
    #[graphql(complex)]
    struct Part {
        number: usize,
        maker: Row<Maker>,
        makers: Rows<Maker>,
    }

    #[ComplexObject]
    impl Part {
        async fn late(&self, after: usize) -> usize {
            for _ in 0..after {
                tokio::task::yield_now().await;
            }
            self.number
        }

        async fn odd(&self) -> Result<usize, Error> {
            tokio::task::yield_now().await;
            self.checked()
        }

        async fn odd_or_null(&self) -> Option<Result<usize, Error>> {
            Some(self.checked())
        }
    }

    impl Part {
        fn checked(&self) -> Result<usize, Error> {
            if self.number % 2 == 1 { Ok(self.number) } else { Err(Error::new(format!("{} is even", self.number))) }
        }
    }

    fn parts() -> Vec<Part> {
        let maker = |name, city| Maker { name, city };
        let makers = || [maker("Anna", Some("Tartu")), maker("Ülo", None)].into_iter().collect();
        (0..40).map(|number| Part { number, maker: Row(maker("Õnne", None)), makers: makers() }).collect()
    }

    struct Query;

    #[Object]
    impl Query {
        async fn part(&self) -> Row<Part> {
            Row(parts().swap_remove(1))
        }

        async fn parts(&self) -> Rows<Part> {
            parts().into_iter().collect()
        }
    }

    /// The same as the engine answers it by itself.
    struct Stock;

    #[Object(name = "Query")]
    impl Stock {
        async fn part(&self) -> Part {
            parts().swap_remove(1)
        }

        async fn parts(&self) -> Vec<Part> {
            parts()
        }
    }

    async fn is_as_stock(document: &str) {
        let rows = Schema::new(Query, EmptyMutation, EmptySubscription).execute(document).await;
        let stock = Schema::new(Stock, EmptyMutation, EmptySubscription).execute(document).await;
        let json = |value: &Value| serde_json::to_value(value).unwrap();
        assert_eq!(json(&rows.data), json(&stock.data), "{document}");
        let errors = |response: &async_graphql::Response| {
            let mut errors = serde_json::to_value(&response.errors).unwrap().as_array().unwrap().clone();
            errors.sort_by_key(ToString::to_string);
            errors
        };
        assert_eq!(errors(&rows), errors(&stock), "{document}");
    }

    #[test]
    fn the_schema_does_not_tell_rows_from_other_objects() {
        let rows = Schema::new(Query, EmptyMutation, EmptySubscription).sdl();
        assert_eq!(rows, Schema::new(Stock, EmptyMutation, EmptySubscription).sdl());
        assert!(rows.contains("parts: [Part!]!") && rows.contains("maker: Maker!"), "{rows}");
    }

    #[tokio::test]
    async fn rows_are_answered_as_the_engine_answers_objects() {
        let selections = [
            "number",
            "__typename a: number b: number maker { __typename }",
            "... { number } ... on Part { maker { name } }",
            "number @skip(if: true) maker { name city @include(if: false) }",
            "maker @skip(if: true) { name }",
            "... @include(if: false) { number } makers { name }",
            "maker { name } number maker { city }",
            "makers { name } makers { city } ...Makers",
            "...Makers",
            "nonsense",
            "maker",
        ];
        for selection in selections {
            let fragment =
                if selection.contains("...Makers") { "fragment Makers on Part { makers { city name } }" } else { "" };
            is_as_stock(&format!("{{ part {{ {selection} }} parts {{ {selection} }} }} {fragment}")).await;
        }
    }

    #[tokio::test]
    async fn errors_of_rows_have_the_path_that_the_engine_gives_them() {
        is_as_stock("{ part { number odd } parts { number mine: oddOrNull odd } }").await;
        is_as_stock("{ parts { odd } }").await;
    }

    #[tokio::test]
    async fn rows_that_wait_keep_their_places() {
        is_as_stock("{ part { late(after: 3) } parts { number late(after: 2) } }").await;
    }

    #[tokio::test]
    async fn fields_stand_in_the_order_in_which_they_were_asked_for() {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let answer = schema.execute("{ part { late(after: 1) number maker { city name } } }").await;
        assert_eq!(
            serde_json::to_string(&answer.data).unwrap(),
            r#"{"part":{"late":1,"number":1,"maker":{"city":null,"name":"Õnne"}}}"#
        );
    }
}
