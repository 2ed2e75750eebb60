/** Runs what is asked for one key one after the other, and different keys side by side. */
export function oneAtATime() {
  const last = new Map<string, Promise<unknown>>();
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work, work);
    const leave = () => last.get(key) === turn && last.delete(key);
    last.set(key, turn);
    turn.then(leave, leave);
    return turn;
  };
}
