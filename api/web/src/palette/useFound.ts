import { useMantineColorScheme } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import {
  Braces,
  Factory,
  History,
  Inbox,
  Languages,
  LogOut,
  type LucideIcon,
  Moon,
  Package,
  Plus,
  Sun,
  UserRound,
  Wand2,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { FindPeopleQuery, FindQuery, FoundPersonFragment } from '../api/generated/palette';
import { useMay } from '../api/session';
import { useLikes } from '../app/likes';
import { useTargets } from '../app/targets';
import { useSignOut } from '../app/useSignOut';
import { LANGUAGES, type Language } from '../i18n';

export interface Found {
  key: string;
  icon: LucideIcon;
  name: string;
  note: string;
  go: () => void;
}

/** Whether each word of what was typed begins somewhere in a name. */
export function fits(name: string, typed: string): boolean {
  const [whole, words] = [` ${name.toLocaleLowerCase()}`, typed.toLocaleLowerCase().split(/\s+/)];
  return words.every((word) => whole.includes(` ${word}`));
}

/** At most so many people are told, those whose codes fit first. */
const PEOPLE = 6;

/** People by code, as the API found them, and by name. */
export function peopleOf(
  typed: string,
  byCode: readonly FoundPersonFragment[],
  all: readonly FoundPersonFragment[],
): FoundPersonFragment[] {
  if (typed === '') return [];
  const byName = all.filter(({ name }) => name != null && fits(name, typed));
  const ids = new Set(byCode.map(({ id }) => id));
  return [...byCode, ...byName.filter(({ id }) => !ids.has(id))].slice(0, PEOPLE);
}

/** What was found: things first, then screens and commands whose names fit. */
export function useFound(typed: string, found: FindQuery | undefined, everybody: FindPeopleQuery | undefined): Found[] {
  const { t } = useTranslation(['palette', 'app', 'design']);
  const navigate = useNavigate();
  const targets = useTargets();
  const { setColorScheme } = useMantineColorScheme();
  const { chooseLanguage, choseLook } = useLikes();
  const signOut = useSignOut();
  const may = useMay();
  const openJob = (job: string) => void navigate({ to: '.', search: (search) => ({ ...search, job }) });

  const jobs = found?.jobs.edges.map(({ node }): Found => {
    const name = [node.number, node.product, node.customer].filter(Boolean).join(' · ');
    return { key: node.id, icon: Package, name, note: t(`design:job.${node.status}`), go: () => openJob(node.number) };
  });
  const machines = found?.machines.edges.map(({ node }): Found => {
    const job = node.atWork[0]?.job.code;
    const note = job === undefined ? t(`design:machine.${node.status}`) : t('palette:atJob', { job });
    return {
      key: node.id,
      icon: Factory,
      name: `${node.code} ${node.name}`,
      note,
      go: () => (job === undefined ? void navigate({ to: '/', hash: 'busy' }) : openJob(job)),
    };
  });
  const nodes = (of: FindPeopleQuery | undefined) => of?.operators.edges.map(({ node }) => node) ?? [];
  const people = peopleOf(typed, nodes(found), nodes(everybody)).map((node): Found => {
    const work = node.atWork[0];
    const note =
      work === undefined
        ? t('palette:notAtWork')
        : t('palette:atJob', { job: [work.job.code, work.machine?.code].filter(Boolean).join(', ') });
    const go = () => (work === undefined ? void navigate({ to: '/', hash: 'busy' }) : openJob(work.job.code));
    return { key: node.id, icon: UserRound, name: [node.code, node.name].filter(Boolean).join(' '), note, go };
  });
  const begin = (key: string, icon: LucideIcon, name: string, go: () => void): Found => ({
    key,
    icon,
    name,
    note: t('palette:command'),
    go,
  });
  const onBoard = (panel: 'auto' | 'tray' | 'changes') => () => void navigate({ to: '/board', search: { panel } });
  const begun = [
    ...(may('MANAGE_JOBS') ? [begin('new-job', Plus, t('palette:newJob'), () => void navigate({ to: '/jobs/new' }))] : []),
    ...(may('PLAN_WORK') ? [begin('auto', Wand2, t('palette:auto'), onBoard('auto'))] : []),
    ...(may('VIEW_SHOP')
      ? [
          begin('unplanned', Inbox, t('palette:unplanned'), onBoard('tray')),
          begin('changes', History, t('palette:changes'), onBoard('changes')),
        ]
      : []),
  ];
  const screens = targets.map(
    ({ to, nav }): Found => ({
      key: `screen-${nav.name}`,
      icon: nav.icon,
      name: t(`app:screens.${nav.name}`),
      note: t('palette:screen'),
      go: () => void navigate({ to }),
    }),
  );
  const look = (scheme: 'light' | 'dark'): Found => ({
    key: `look-${scheme}`,
    icon: scheme === 'light' ? Sun : Moon,
    name: `${t('app:look.title')}: ${t(`app:look.${scheme}`)}`,
    note: t('palette:command'),
    go: () => {
      setColorScheme(scheme);
      choseLook();
    },
  });
  const languages = Object.entries(LANGUAGES).map(
    ([language, name]): Found => ({
      key: `language-${language}`,
      icon: Languages,
      name: `${t('app:language')}: ${name}`,
      note: t('palette:command'),
      go: () => chooseLanguage(language as Language),
    }),
  );
  const out: Found = { key: 'sign-out', icon: LogOut, name: t('app:person.signOut'), note: t('palette:command'), go: () => void signOut() };
  const graphiql: Found = {
    key: 'graphiql',
    icon: Braces,
    name: t('palette:graphiql'),
    note: t('palette:screen'),
    go: () => void navigate({ to: '/graphiql' }),
  };
  const commands = [...screens, ...begun, graphiql, look('light'), look('dark'), ...languages, out].filter(({ name }) => fits(name, typed));
  return [...(jobs ?? []), ...(machines ?? []), ...people, ...commands];
}
