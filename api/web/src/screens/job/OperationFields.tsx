import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { JobChoicesDocument } from '../../api/generated/job';
import { ask } from '../../api/query';
import css from './form.module.css';
import type { OperationForm } from './operation';

/** What can be named in forms of jobs. */
export function useChoices() {
  const { data } = useQuery({ queryKey: ['job-choices'], queryFn: ({ signal }) => ask(JobChoicesDocument, {}, signal), staleTime: 60_000 });
  const of = <Node,>(all?: { edges: { node: Node }[] }): Node[] => all?.edges.map(({ node }) => node) ?? [];
  const operators = of(data?.operators);
  return {
    workCenters: of(data?.workCenters),
    machines: of(data?.machines),
    operators,
    tools: of(data?.tools),
    skills: [...new Set(operators.flatMap(({ skills }) => skills.map(({ skill }) => skill)))].sort(),
  };
}

interface FieldsProps {
  value: OperationForm;
  change: (next: OperationForm) => void;
  faults: Partial<Record<keyof OperationForm, string>>;
}

/** The fields of one operation. */
export function OperationFields({ value, change, faults }: FieldsProps) {
  const { t } = useTranslation('job');
  const { workCenters, skills, tools } = useChoices();
  const [skillList, toolList] = [useId(), useId()];
  const field = (name: keyof OperationForm) => ({
    label: t(`operation.${name}`),
    value: value[name],
    error: faults[name],
    onChange: (event: { currentTarget: { value: string } }) => change({ ...value, [name]: event.currentTarget.value }),
  });
  return (
    <div className={css.operation}>
      <TextInput {...field('number')} className={css.short} inputMode="numeric" required />
      <TextInput {...field('name')} className={css.long} required dir="auto" />
      <NativeSelect
        {...field('workCenter')}
        className={css.long}
        required
        data={[
          { value: '', label: t('operation.choose') },
          ...workCenters.map(({ code, name }) => ({ value: code, label: `${code} · ${name}` })),
        ]}
      />
      <TextInput {...field('setup')} className={css.short} inputMode="decimal" />
      <TextInput {...field('perUnit')} className={css.short} inputMode="decimal" />
      <TextInput {...field('skill')} className={css.medium} list={skillList} />
      <NativeSelect {...field('level')} className={css.short} data={['1', '2', '3', '4', '5']} />
      <TextInput {...field('tools')} className={css.medium} list={toolList} />
      <TextInput {...field('family')} className={css.medium} />
      <Textarea {...field('instructions')} className={css.all} autosize minRows={1} maxRows={6} dir="auto" />
      <datalist id={skillList}>
        {skills.map((skill) => (
          <option key={skill} value={skill} />
        ))}
      </datalist>
      <datalist id={toolList}>
        {tools.map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </datalist>
    </div>
  );
}
