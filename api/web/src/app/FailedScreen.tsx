import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { Failure } from '../design/states';

/** A screen that could not be shown. */
export function FailedScreen({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  return <Failure error={error} retry={again} />;
}
