/** Symmetric positive matrices, row by row in one array; only the lower triangle is used. */

/**
 * Cholesky: replaces the matrix by its lower triangular root. A pivot that rounding has made
 * negative becomes very small.
 */
export function factorize(matrix: Float64Array, size: number): void {
  for (let j = 0; j < size; j++) {
    const row = j * size;
    let pivot = matrix[row + j] as number;
    for (let k = 0; k < j; k++) pivot -= (matrix[row + k] as number) ** 2;
    const root = Math.sqrt(Math.max(pivot, 1e-10));
    matrix[row + j] = root;
    for (let i = j + 1; i < size; i++) {
      const other = i * size;
      let sum = matrix[other + j] as number;
      for (let k = 0; k < j; k++)
        sum -= (matrix[other + k] as number) * (matrix[row + k] as number);
      matrix[other + j] = sum / root;
    }
  }
}

/** Solves root · x = vector in place, where `root` came from `factorize`. */
export function solveLower(root: Float64Array, size: number, vector: Float64Array): void {
  for (let i = 0; i < size; i++) {
    let sum = vector[i] as number;
    for (let k = 0; k < i; k++) sum -= (root[i * size + k] as number) * (vector[k] as number);
    vector[i] = sum / (root[i * size + i] as number);
  }
}

/** Solves rootᵀ · x = vector in place. */
export function solveUpper(root: Float64Array, size: number, vector: Float64Array): void {
  for (let i = size - 1; i >= 0; i--) {
    let sum = vector[i] as number;
    for (let k = i + 1; k < size; k++)
      sum -= (root[k * size + i] as number) * (vector[k] as number);
    vector[i] = sum / (root[i * size + i] as number);
  }
}

/** The logarithm of the determinant of the matrix that `root` came from. */
export function logDeterminant(root: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += Math.log(root[i * size + i] as number);
  return 2 * sum;
}

export function squaredLength(vector: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += (vector[i] as number) ** 2;
  return sum;
}
