// Something that is shown once: it is copied from here or lost.
import { Button } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from './Secret.module.css';

export function Secret({ text }: { text: string }) {
  return (
    <>
      <code className={css.secret}>{text}</code>
      <CopyButton text={text} />
    </>
  );
}

/** Copies; where the browser lets no page do that, such as without TLS, people do it themselves. */
export function CopyButton({ text }: { text: string }) {
  const { t } = useTranslation('design');
  const [copied, setCopied] = useState<string>();
  const isCopied = copied === text;
  const Icon = isCopied ? Check : Copy;
  const copy = () => {
    const byHand = () => globalThis.prompt(t('copy.this'), text);
    // Not there without TLS, whatever the types say.
    const clipboard: Clipboard | undefined = navigator.clipboard;
    if (clipboard === undefined) byHand();
    else void clipboard.writeText(text).then(() => setCopied(text), byHand);
  };
  return (
    <Button variant="default" leftSection={<Icon size={14} aria-hidden />} onClick={copy}>
      {isCopied ? t('copy.done') : t('copy.do')}
    </Button>
  );
}
