// Moving by words instead of by hand, and what is asked where a move was not taken.
import { Button, Modal, NativeSelect, Radio, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import '@mantine/core/styles/InlineInput.layer.css';
import '@mantine/core/styles/Radio.layer.css';
import { Refusal } from '../../api/query';
import { checkPlaces, placed } from '../../board/check';
import type { Model } from '../../board/model';
import form from '../../design/form.module.css';
import { useReason } from '../../design/states';
import { instantOf, toField } from '../../time/field';
import { useFormat } from '../../time/useFormat';
import css from './board.module.css';
import type { ByWhat, Planned } from './data';
import { InTheWay } from './InTheWay';
import { Notice } from './Notice';
import { ReasonField } from './ReasonField';
import type { BoardStore } from './store';
import { type Moves, nameOf, type Refused } from './useMoves';
import { useReturn } from './useReturn';
import type { Words } from './words';

interface MoveProps {
  planned: Planned;
  /** It has no place yet; what has one and no machine is done outside the house. */
  isNew: boolean;
  store: BoardStore;
  model: Model;
  by: ByWhat;
  moves: Moves;
  words: Words;
  close: () => void;
}

export function MoveDialog({ planned, isNew, store, model, by, moves, words, close }: MoveProps) {
  useReturn();
  const { t } = useTranslation('board');
  const format = useFormat();
  const { zone } = format.manner;
  const here = (by === 'MACHINE' ? planned.machine : planned.operator)?.id ?? '';
  const [lane, setLane] = useState(here);
  const [start, setStart] = useState(toField(planned.start, zone));
  const [push, setPush] = useState(false);
  const [reason, setReason] = useState('');
  // The field has no seconds: what was not touched is where it was.
  const instant = instantOf(start, zone, planned.start);
  const at = instant === undefined ? undefined : Date.parse(instant);
  const isOutside = !isNew && planned.machine === null;
  const bar = model.bar(`${planned.job.id}:${planned.operation}`);
  const places = bar && at !== undefined ? [placed(model, bar, isOutside ? bar.lane : lane, at)] : [];
  const conflicts = checkPlaces(model, places, Date.now());
  const lanes = store.lanes.flatMap(({ machine, operator }) => {
    const one = machine ?? operator;
    return one ? [{ value: one.id, label: machine ? machine.code : (one.name ?? one.code) }] : [];
  });
  // What has no lane yet is shown so: else the first of them stood there as if somebody had chosen it.
  if (here === '') lanes.unshift({ value: '', label: t(by === 'MACHINE' ? 'move.anyMachine' : 'move.anybody') });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (at === undefined) return;
    const where = by === 'MACHINE' ? { machineId: lane || undefined } : { operatorId: lane || undefined, machineId: planned.machine?.id };
    const stays = lane === here && by === 'MACHINE' ? { operatorId: planned.operator?.id } : {};
    const one = {
      jobId: planned.job.id,
      operation: planned.operation,
      start: new Date(at).toISOString(),
      ...(!isOutside && { ...where, ...stays }),
    };
    const said = t('done.moved', { what: nameOf(planned), when: format.when(at, Date.now()) });
    close();
    void moves.move({ moves: [one], followers: push ? 'PUSH' : 'STAY', reason: reason.trim() || undefined }, said);
  };
  return (
    <Modal opened onClose={close} title={t('move.title', { what: nameOf(planned) })} closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={submit} className={form.form}>
        {isOutside ? (
          <p className="muted">{t('move.outside')}</p>
        ) : (
          <NativeSelect
            label={by === 'MACHINE' ? t('move.machine') : t('move.person')}
            data={lanes}
            value={lane}
            onChange={(event) => setLane(event.currentTarget.value)}
            data-autofocus
          />
        )}
        <TextInput
          type="datetime-local"
          label={t('move.start')}
          description={t('move.zone', { zone: format.manner.zone })}
          value={start}
          onChange={(event) => setStart(event.currentTarget.value)}
          data-autofocus={isOutside || undefined}
          required
        />
        <Radio.Group label={t('move.others')} value={push ? 'push' : 'stay'} onChange={(value) => setPush(value === 'push')}>
          <div className={css.choices}>
            <Radio value="stay" label={t('move.stay')} />
            <Radio value="push" label={t('move.push')} />
          </div>
        </Radio.Group>
        <Textarea label={t('move.reason')} autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        <div role="status">{places.length > 0 && conflicts.length > 0 && <Notice>{words.warning({ places, conflicts })}</Notice>}</div>
        <div className={form.buttons}>
          <Button variant="default" onClick={close}>
            {t('cancel')}
          </Button>
          <Button type="submit">{t('move.do')}</Button>
        </div>
      </form>
    </Modal>
  );
}

/** What was refused: the rule, what is in the way, and what makes it possible. */
export function RefusedDialog({ refused, moves }: { refused: Refused; moves: Moves }) {
  const { t } = useTranslation('board');
  useReturn();
  const said = useReason(refused.error);
  const [reason, setReason] = useState('');
  const code = refused.error instanceof Refusal ? refused.error.code : undefined;
  const isMove = refused.input !== undefined;
  const asks = isMove && code === 'PLAN_REASON_NEEDED';
  const clashes = isMove && code === 'PLAN_CONFLICTS';
  const pushes = (asks || clashes) && refused.input?.followers !== 'PUSH';
  return (
    <Modal
      opened
      onClose={moves.forget}
      title={isMove ? t('refused.title') : t('refused.notDone')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <div className={form.form}>
        <p>{asks ? t('refused.asks') : clashes ? t('refused.policy') : said}</p>
        {refused.error instanceof Refusal && <InTheWay of={refused.error.inTheWay} />}
        {asks && <ReasonField value={reason} set={setReason} />}
        <div className={form.buttons}>
          <Button variant="default" onClick={moves.forget}>
            {t('refused.leave')}
          </Button>
          {pushes && (
            <Button
              variant={asks ? 'default' : 'filled'}
              onClick={() => void moves.again({ followers: 'PUSH', reason: reason.trim() || undefined })}
            >
              {t('refused.push')}
            </Button>
          )}
          {asks && (
            <Button disabled={reason.trim() === ''} onClick={() => void moves.again({ reason: reason.trim() })}>
              {t('refused.anyway')}
            </Button>
          )}
        </div>
      </div>
    </Modal>
  );
}

/** Why something is to stay where it is. */
export function PinDialog({ planned, moves, close }: { planned: Planned; moves: Moves; close: () => void }) {
  const { t } = useTranslation('board');
  useReturn();
  const [reason, setReason] = useState('');
  const [error, setError] = useState<unknown>();
  const said = useReason(error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    moves.pin(planned, reason.trim()).then(close, setError);
  };
  return (
    <Modal opened onClose={close} title={t('pin.title', { what: nameOf(planned) })} closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={submit} className={form.form}>
        <p className="muted">{t('pin.what')}</p>
        <Textarea
          label={t('pin.reason')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={error === undefined ? undefined : said}
          data-autofocus
          required
        />
        <div className={form.buttons}>
          <Button variant="default" onClick={close}>
            {t('cancel')}
          </Button>
          <Button type="submit" disabled={reason.trim() === ''}>
            {t('pin.do')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
