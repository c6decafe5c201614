import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

/** Mantine's scale of the accent; buttons take the seventh in the light and the fifth in the dark. */
const accent: MantineColorsTuple = [
  '#eef2fd',
  '#dbe4fa',
  '#b5c7f4',
  '#8eacff',
  '#6c90ee',
  '#8eacff',
  '#2a53c4',
  '#2a53c4',
  '#2347a8',
  '#1d3b8c',
];

/** The head of a dialog is no banner of the page. */
const dialog = { defaultProps: { attributes: { header: { role: 'presentation' } } } };

/** On the accent our own colour is written: Mantine reckons with that of the light in the dark too, where it can't be read. */
const colours: VariantColorsResolver = (input) => {
  const made = defaultVariantColorsResolver(input);
  const isAccent = input.variant === 'filled' && (input.color === undefined || input.color === 'accent');
  return isAccent ? { ...made, color: 'var(--k-on-accent)' } : made;
};

export const theme = createTheme({
  variantColorResolver: colours,
  components: { Modal: dialog, Drawer: dialog },
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 5 },
  autoContrast: true,
  colors: { accent },
  fontFamily: 'var(--k-font)',
  fontSizes: { xs: '0.75rem', sm: '0.875rem', md: '1rem', lg: '1.25rem', xl: '1.75rem' },
  headings: { fontFamily: 'var(--k-font)', fontWeight: '620' },
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
});

/** Mantine's own surfaces and lines from our tokens, which know light and dark themselves. */
export const variables: CSSVariablesResolver = () => {
  const both = {
    '--mantine-color-body': 'var(--k-surface)',
    '--mantine-color-text': 'var(--k-text)',
    '--mantine-color-dimmed': 'var(--k-muted)',
    '--mantine-color-default': 'var(--k-surface)',
    '--mantine-color-default-hover': 'var(--k-hover)',
    '--mantine-color-default-color': 'var(--k-text)',
    '--mantine-color-default-border': 'var(--k-line)',
    '--mantine-color-error': 'var(--k-late)',
    '--mantine-color-placeholder': 'var(--k-muted)',
    '--mantine-color-anchor': 'var(--k-accent)',
  };
  return { variables: {}, light: both, dark: both };
};
