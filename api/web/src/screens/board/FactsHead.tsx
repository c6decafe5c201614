// The head of a table that holds two sides of the same facts against each other.
import { useTranslation } from 'react-i18next';

export function FactsHead({ one, other }: { one: string; other: string }) {
  const { t } = useTranslation('board');
  return (
    <thead>
      <tr>
        <th>
          <span className="visually-hidden">{t('detail.fact')}</span>
        </th>
        <th scope="col">{one}</th>
        <th scope="col">{other}</th>
      </tr>
    </thead>
  );
}
