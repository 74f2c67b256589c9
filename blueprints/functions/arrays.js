/** The first element of a list, or null of an empty one. */
export function firstElement(list) {
  return list.length > 0 ? list[0] : null;
}
