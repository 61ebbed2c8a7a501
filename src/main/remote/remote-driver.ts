import type { Driver } from "../driver.ts";

/** A driver in another thread: its methods return promises, and its children are such drivers. */
export type RemoteDriver<Type extends Driver> = AsyncDisposable & {
  readonly [Name in RemoteName<Type>]: Type[Name] extends Driver ? RemoteDriver<Type[Name]> : RemoteMethod<Type[Name]>;
};

/** Children, and methods; not what returns a function, or changes the object. */
type RemoteName<Type extends Driver> = {
  [Name in keyof Type]: Type[Name] extends Driver
    ? Name
    : Type[Name] extends (...args: never[]) => infer Result
      ? Result extends Type | (() => void)
        ? never
        : Name
      : never;
}[Exclude<keyof Type, symbol>];

/** What returns a promise stays as it is, type parameters too. */
type RemoteMethod<Method> = Method extends (...args: never[]) => Promise<unknown>
  ? Method
  : Method extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<RemoteResult<Result>>
    : never;

type RemoteResult<Result> = Result extends AsyncIterable<infer Item> ? AsyncIterableIterator<Item, undefined> : Result;
