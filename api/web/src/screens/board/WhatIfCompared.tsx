// What a what-if is worth beside the plan of the site, and which jobs end at another time.
import { useTranslation } from 'react-i18next';
import { When } from '../../design/values';
import { useFormat } from '../../time/useFormat';
import css from './board.module.css';
import { FactsHead } from './FactsHead';
import type { Comparison } from './useWhatIf';
import { useClash } from './words';

const LESS_IS_BETTER = ['lateJobs', 'unplaced', 'setupSeconds', 'weightedTardiness', 'flowSeconds'] as const;

export function Compared({ comparison }: { comparison: Comparison }) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const clashIn = useClash();
  const written = (name: string, value: number) => (name.endsWith('Seconds') ? format.duration(value) : format.amount(value, 0));
  const clashes = [
    ...new Set(comparison.conflicts.map((clash) => `${clash.operation.job.code} · ${clash.operation.number}: ${clashIn(clash)}`)),
  ];
  return (
    <>
      <table className={css.facts}>
        <FactsHead one={t('whatIf.plan')} other={t('whatIf.this')} />
        <tbody>
          {LESS_IS_BETTER.map((name) => {
            const [plan, other] = [comparison.plan[name], comparison.scenario[name]];
            return (
              <tr key={name}>
                <th scope="row">{t(`worth.${name}`)}</th>
                <td>{written(name, plan)}</td>
                <td className={other < plan ? css.better : other > plan ? css.worse : undefined}>
                  {other < plan ? '▼ ' : other > plan ? '▲ ' : ''}
                  {written(name, other)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <h3 className={css.sub}>{t('whatIf.jobs', { count: comparison.changedJobs })}</h3>
      <ul className={css.deltas}>
        {comparison.jobs.slice(0, 50).map(({ job, plan, scenario }) => (
          <Delta key={job.id} code={job.code} plan={plan} scenario={scenario} />
        ))}
      </ul>
      {clashes.length > 0 && (
        <>
          <h3 className={css.sub}>{t('whatIf.conflicts', { count: clashes.length })}</h3>
          <ul className={css.clashes}>
            {clashes.slice(0, 10).map((clash) => (
              <li key={clash}>{clash}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Delta({ code, plan, scenario }: { code: string; plan?: string | null; scenario?: string | null }) {
  const { t } = useTranslation('board');
  const format = useFormat();
  const by = plan && scenario ? (Date.parse(scenario) - Date.parse(plan)) / 1_000 : undefined;
  const words =
    by === undefined ? t('whatIf.noEnd') : t(by < 0 ? 'whatIf.earlier' : 'whatIf.later', { time: format.roughly(Math.abs(by)) });
  return (
    <li>
      <strong>{code}</strong>
      <span className={by === undefined || by > 0 ? css.worse : css.better}>{words}</span>
      {scenario && <When at={scenario} />}
    </li>
  );
}
