// A what-if beside the plan of the site: what it assumes, what it is worth, and what publishing would do.
import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command } from '../../api/command';
import { WhatIfDiscardDocument, WhatIfPublishDocument } from '../../api/generated/board';
import { Refusal } from '../../api/query';
import form from '../../design/form.module.css';
import { Failure, SkeletonRows } from '../../design/states';
import { Assume, Assumed } from './Assume';
import css from './board.module.css';
import { Why } from './InTheWay';
import { Notice } from './Notice';
import type { Moves } from './useMoves';
import { type Comparison, useWhatIf, WHAT_IFS } from './useWhatIf';
import { Compared } from './WhatIfCompared';

export interface WhatIfProps {
  id: string;
  moves: Moves;
  close: () => void;
}

export function WhatIfPanel({ id, moves, close }: WhatIfProps) {
  const { t } = useTranslation('board');
  const { data, error, refetch } = useWhatIf(id);
  if (error) return <Failure compact error={error} retry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={6} />;
  if (!data.scenario?.comparison) return <Notice>{t('whatIf.gone')}</Notice>;
  const { scenario } = data;
  return (
    <div className={form.form}>
      <Assumed whatIf={scenario} />
      <Assume id={id} />
      <Compared comparison={data.scenario.comparison} />
      <Publish id={id} comparison={data.scenario.comparison} moves={moves} close={close} />
    </div>
  );
}

function Publish({ id, comparison, moves, close }: { id: string; comparison: Comparison; moves: Moves; close: () => void }) {
  const { t } = useTranslation('board');
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>();
  const outdated = error instanceof Refusal && error.code === 'SCENARIO_OUTDATED';
  const over = () => {
    void queries.invalidateQueries({ queryKey: WHAT_IFS });
    close();
  };
  const [isBusy, setBusy] = useState(false);
  const [isSure, setSure] = useState(false);
  const doing = (work: Promise<unknown>) => {
    setError(undefined);
    setBusy(true);
    void work.catch(setError).finally(() => setBusy(false));
  };
  const publish = (partly: boolean) =>
    doing(
      command(WhatIfPublishDocument, { scenarioId: id, partly }).then((answer) => {
        over();
        moves.done(answer, t('done.published'));
      }),
    );
  // Nothing brings it back, so it takes two presses.
  const discard = () => (isSure ? doing(command(WhatIfDiscardDocument, { scenarioId: id }).then(over)) : setSure(true));
  return (
    <div className={css.publish}>
      {error !== undefined && <Why error={error} />}
      {outdated && error.inTheWay === undefined && comparison.outdated.length > 0 && (
        <p className="muted">{comparison.outdated.map(({ job, number }) => `${job.code} · ${number}`).join(', ')}</p>
      )}
      <Button onClick={() => publish(false)} disabled={comparison.movedOperations === 0 || isBusy}>
        {t('whatIf.publish', { count: comparison.movedOperations })}
      </Button>
      {outdated && (
        <Button variant="default" onClick={() => publish(true)} disabled={isBusy}>
          {t('whatIf.partly')}
        </Button>
      )}
      <Button variant="subtle" color={isSure ? 'red' : 'gray'} onClick={discard} onBlur={() => setSure(false)} disabled={isBusy}>
        {t(isSure ? 'whatIf.discardSure' : 'whatIf.discard')}
      </Button>
    </div>
  );
}
