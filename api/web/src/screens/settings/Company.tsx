import { Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import '@mantine/core/styles/Checkbox.layer.css';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command } from '../../api/command';
import {
  RenameCompanyDocument,
  SetAndonEscalationDocument,
  SetCompanyProfileDocument,
  SetCompanySecurityDocument,
  SetCompanyZoneDocument,
  SetPlanPoliciesDocument,
  SetPoliciesDocument,
  type SettingsQuery,
} from '../../api/generated/settings';
import type { Role } from '../../api/may';
import { useMay } from '../../api/session';
import { changedWeights, networksOf, WEIGHTS } from './models';
import { Saved, textOf } from './Saved';
import css from './settings.module.css';

type Company = SettingsQuery['company'];
type Plan = SettingsQuery['plan'];

const LANGUAGES = ['ENGLISH', 'GERMAN', 'ESTONIAN', 'SPANISH'] as const;
const PRESETS = ['ON_TIME_FIRST', 'FEW_CHANGEOVERS', 'DO_NOT_DISTURB', 'MAKESPAN'] as const;
const OVERLAPS = ['REFUSE', 'ALLOW_WITH_REASON', 'ALLOW'] as const;
const ROLES: Role[] = ['ADMIN', 'MANAGER', 'OPERATOR', 'AUDITOR'];
const HOUR = 3_600;

/** The one of these that a field says. */
const oneOf = <One extends string>(all: readonly One[], said: string, otherwise: One): One => all.find((one) => one === said) ?? otherwise;

export function CompanyPart({ company }: { company: Company }) {
  const { t } = useTranslation('settings');
  const may = useMay();
  const save = async (fields: FormData) => {
    const [name, zone, country] = [textOf(fields, 'name'), textOf(fields, 'zone'), textOf(fields, 'country').toUpperCase()];
    const language = oneOf(LANGUAGES, textOf(fields, 'language'), company.language);
    if (name !== company.name) await command(RenameCompanyDocument, { name });
    if (zone !== company.zone) await command(SetCompanyZoneDocument, { zone });
    await command(SetCompanyProfileDocument, { country: country === '' ? undefined : country, language });
  };
  return (
    <Saved title={t('company.title')} save={save} said={t('company.said')} may={may('CONFIGURE_COMPANY')}>
      <TextInput name="name" label={t('company.name')} defaultValue={company.name} required maxLength={200} />
      <TextInput
        name="zone"
        label={t('company.zone')}
        description={t('company.zoneWhy')}
        defaultValue={company.zone}
        list="zones"
        required
      />
      <datalist id="zones">
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <TextInput
        name="country"
        label={t('company.country')}
        description={t('company.countryWhy')}
        defaultValue={company.country ?? ''}
        pattern="[A-Za-z]{2}"
        maxLength={2}
      />
      <NativeSelect
        name="language"
        label={t('company.language')}
        defaultValue={company.language}
        data={LANGUAGES.map((one) => ({ value: one, label: t(`language.${one}`) }))}
      />
    </Saved>
  );
}

export function PlanningPart({ plan, company }: { plan: Plan; company: Company }) {
  const { t } = useTranslation('settings');
  const may = useMay();
  const [preset, setPreset] = useState(plan.preset);
  const { workOverlap, andonEscalatesAfterMinutes } = company;
  const save = async (fields: FormData) => {
    const typed = Object.fromEntries(WEIGHTS.map((name) => [name, Number(textOf(fields, name))]));
    // Another preset brings its own weights.
    const weights = preset === plan.preset ? changedWeights(plan.weights, typed, plan.ownWeights) : undefined;
    const freezeSeconds = Math.round(Number(textOf(fields, 'freeze')) * HOUR);
    const overlap = oneOf(OVERLAPS, textOf(fields, 'overlap'), plan.overlap);
    await command(SetPlanPoliciesDocument, { preset, weights, freezeSeconds, overlap });
    const reports = oneOf(OVERLAPS, textOf(fields, 'reports'), workOverlap);
    if (!may('CONFIGURE_COMPANY')) return;
    if (reports !== workOverlap) await command(SetPoliciesDocument, { workOverlap: reports });
    const typedMinutes = textOf(fields, 'andon');
    const minutes = typedMinutes === '' ? null : Number(typedMinutes);
    if (minutes !== (andonEscalatesAfterMinutes ?? null)) await command(SetAndonEscalationDocument, { minutes });
  };
  const overlaps = OVERLAPS.map((one) => ({ value: one, label: t(`overlap.${one}`) }));
  return (
    <Saved title={t('planning.title')} save={save} said={t('planning.said')} may={may('PLAN_WORK')}>
      <NativeSelect
        label={t('planning.preset')}
        description={t(`presetWhy.${preset}`)}
        value={preset}
        data={PRESETS.map((one) => ({ value: one, label: t(`preset.${one}`) }))}
        onChange={({ currentTarget: { value } }) => setPreset(oneOf(PRESETS, value, plan.preset))}
      />
      <TextInput
        name="freeze"
        type="number"
        min={0}
        step="any"
        label={t('planning.freeze')}
        description={t('planning.freezeWhy')}
        defaultValue={String(plan.freezeSeconds / HOUR)}
        required
      />
      <NativeSelect name="overlap" label={t('planning.overlap')} defaultValue={plan.overlap} data={overlaps} />
      <NativeSelect
        name="reports"
        label={t('planning.reports')}
        defaultValue={workOverlap}
        data={overlaps}
        disabled={!may('CONFIGURE_COMPANY')}
      />
      <TextInput
        name="andon"
        type="number"
        min={1}
        max={1440}
        step={1}
        label={t('planning.andon')}
        description={t('planning.andonWhy')}
        defaultValue={andonEscalatesAfterMinutes ?? ''}
        disabled={!may('CONFIGURE_COMPANY')}
      />
      {preset === plan.preset && (
        <details>
          <summary>{t('planning.weights')}</summary>
          <div className={css.weights}>
            {WEIGHTS.map((name) => (
              <TextInput
                key={name}
                name={name}
                type="number"
                min={0}
                size="xs"
                label={t(`weight.${name}`)}
                defaultValue={String(plan.weights[name])}
                required
              />
            ))}
          </div>
        </details>
      )}
    </Saved>
  );
}

export function SecurityPart({ company }: { company: Company }) {
  const { t } = useTranslation(['settings', 'app']);
  const may = useMay();
  if (!may('CONFIGURE_COMPANY')) return null;
  const save = (fields: FormData) =>
    command(SetCompanySecurityDocument, {
      twoFactorRoles: ROLES.filter((role) => fields.getAll('factors').includes(role)),
      networks: networksOf(textOf(fields, 'networks')),
    });
  return (
    <Saved title={t('settings:security.title')} save={save} said={t('settings:security.said')} may>
      <fieldset className={css.group}>
        <legend>{t('settings:security.factors')}</legend>
        {ROLES.map((role) => (
          <Checkbox
            key={role}
            name="factors"
            value={role}
            label={t(`app:role.${role}`)}
            defaultChecked={company.twoFactorRoles.includes(role)}
          />
        ))}
      </fieldset>
      <Textarea
        name="networks"
        label={t('settings:security.networks')}
        description={t('settings:security.networksWhy')}
        defaultValue={(company.networks ?? []).join('\n')}
        rows={3}
        spellCheck={false}
      />
    </Saved>
  );
}
