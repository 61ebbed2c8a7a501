import { toErrorInfo } from "../errors.ts";

type Method = (...args: unknown[]) => unknown;

/**
 * The same methods, whose rejections are plain data (ErrorInfo): structured clone keeps neither the class nor the code
 * of an error. `toError` makes it an error again on the other side.
 */
export function withPlainErrors<Api extends object>(api: Api): Api {
  return new Proxy(api, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? wrap(member.bind(target) as Method) : member;
    },
  });
}

function wrap(method: Method): Method {
  return async (...args) => {
    try {
      return await method(...args);
    } catch (error) {
      throw toErrorInfo(error);
    }
  };
}
