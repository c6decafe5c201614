//! The directive as the schema declares it.

use std::borrow::Cow;

use async_graphql::parser::types::Directive;
use async_graphql::registry::{__DirectiveLocation, Deprecation, MetaDirective, MetaInputValue, Registry};
use async_graphql::{ContextDirective, CustomDirective, CustomDirectiveFactory, InputType, ServerError, ServerResult};

use crate::graphql::scalars::{DateTime, Position};

/// Its name.
pub(super) const NAME: &str = "asOf";
/// Its argument for an instant.
pub(super) const INSTANT: &str = "instant";
/// Its argument for a position.
pub(super) const POSITION: &str = "position";

/// Declares `@asOf` on queries. What it does is done before the engine runs.
pub struct AsOfDirective;

fn argument<T: InputType>(registry: &mut Registry, name: &str, description: &str) -> MetaInputValue {
    MetaInputValue {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        ty: <Option<T> as InputType>::create_type_info(registry),
        deprecation: Deprecation::NoDeprecated,
        default_value: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    }
}

impl CustomDirectiveFactory for AsOfDirective {
    fn name(&self) -> Cow<'static, str> {
        NAME.into()
    }

    fn register(&self, registry: &mut Registry) {
        let instant = "Everything that was recorded at this instant or before; not in the future.";
        let position = "Everything up to this position; not beyond the last event.";
        let args =
            [argument::<DateTime>(registry, INSTANT, instant), argument::<Position>(registry, POSITION, position)];
        registry.add_directive(MetaDirective {
            name: NAME.to_owned(),
            description: Some(
                "Answers the whole query as it would have been answered then, to the role that asks now. Give `instant` or \
                 `position`; as of now where a variable that is given for them is null or absent. `extensions.asOf` tells which moment \
                 was answered."
                    .to_owned(),
            ),
            locations: vec![__DirectiveLocation::QUERY],
            args: args.into_iter().map(|argument| (argument.name.clone(), argument)).collect(),
            is_repeatable: false,
            visible: None,
            composable: None,
        });
    }

    fn create(&self, _: &ContextDirective<'_>, _: &Directive) -> ServerResult<Box<dyn CustomDirective>> {
        Err(ServerError::new("@asOf stands on a query", None))
    }
}
