import { Link } from '@tanstack/react-router';

/** A job by its number; it opens beside what is on the screen, and its address can be sent. */
export function JobLink({ number }: { number: string }) {
  return (
    <Link to="." search={(search) => ({ ...search, job: number })} resetScroll={false}>
      {number}
    </Link>
  );
}
