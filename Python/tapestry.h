/* The C interface of a Tapestry library: libtapestry, with the models of the zoo, or a library of one's
   own that opens other models (Sources/Interchange/README.md).

   A model is opened from weights and configuration, a folder or a file, and asked for functions by
   name: named tensors in, named tensors out. tapestry_describe says which there are.

   - Everything that a caller hands over is checked first: names, types, axes, ranges of indices. A call
     that fails changes nothing; it returns what its comment says, and tapestry_error has the sentence,
     for each thread by itself. No argument ends the process, but for an address where no memory is.
   - Any number of threads may call at once, one model too. A step of training waits until the calls of
     its model are done, and they wait for it.
   - Open models and results are numbers, never given twice: one that was closed is an error. */

#ifndef TAPESTRY_H
#define TAPESTRY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Types of elements. */
enum {
  TAPESTRY_FLOAT32 = 1,
  TAPESTRY_FLOAT64 = 2,
  TAPESTRY_INT32 = 3,
  TAPESTRY_INT64 = 4,
  TAPESTRY_BOOL = 5, /* a byte each; 0 is false */
  TAPESTRY_UINT8 = 6
};

/* A tensor in memory: elements row by row, without gaps, at an address that their type can have. */
typedef struct {
  const char *name; /* UTF-8 */
  int32_t type;
  int32_t rank;         /* number of axes, from 0 to 8 */
  const int64_t *shape; /* the extent of each axis */
  const void *data;     /* is only read */
} tapestry_tensor;

/* Opens a model.
   path:   a folder with config.json and model.safetensors, or a file of weights that has a configuration.
   kind:   which model of the library it is; NULL for what the file says, or whichever fits.
   scalar: TAPESTRY_FLOAT32 or TAPESTRY_FLOAT64, in which the model computes; weights are converted.
   Returns the model, or 0. */
int64_t tapestry_open(const char *path, const char *kind, int32_t scalar);

/* Makes a model with fresh weights.
   kind:          which model of the library.
   configuration: JSON with all sizes and options, as a folder's config.json has it.
   seed:          of the random numbers; the same gives the same weights.
   scalar:        TAPESTRY_FLOAT32 or TAPESTRY_FLOAT64.
   Returns the model, or 0. */
int64_t tapestry_create(
  const char *kind, const char *configuration, uint64_t seed, int32_t scalar);

/* Closes a model; calls that are under way end as ever. Returns 0, or -1. */
int32_t tapestry_close(int64_t model);

/* What a model is and what it can be asked for, as JSON: kind, scalar, parameters, configuration,
   metadata, functions with inputs and outputs, loss with inputs and targets, optimizers. Writes as much
   as there is room for, with a zero at its end. Returns the bytes of the whole text, the zero not counted,
   or -1. buffer may be NULL. */
int64_t tapestry_describe(int64_t model, char *buffer, int64_t size);

/* Asks a model for a function.
   function:     its name; NULL for the first, which is what a call of the model means.
   inputs:       in any order; optional ones may be left out.
   outputs:      is set to the tensors that were made, in the order of the description. They stay where
                 they are until the result is released, and are only to be read.
   output_count: is set to their number.
   Returns the result, or 0. */
int64_t tapestry_call(
  int64_t model, const char *function, const tapestry_tensor *inputs, int32_t count,
  const tapestry_tensor **outputs, int32_t *output_count);

/* All parameters of a model by their names, as they are now; like tapestry_call. */
int64_t tapestry_weights(
  int64_t model, const tapestry_tensor **outputs, int32_t *output_count);

/* Lets the tensors of a result go. Returns 0, or -1. */
int32_t tapestry_release(int64_t result);

/* Begins training anew.
   name:         sgd, adam, adamw, nadam, radam, adamax, rmsprop, adagrad or adadelta.
   rate:         the learning rate.
   weight_decay: below 0 for the optimizer's own.
   clip:         the norm that gradients are clipped to; 0 for none.
   seed:         of what dropout draws from.
   Returns 0, or -1. */
int32_t tapestry_set_optimizer(
  int64_t model, const char *name, double rate, double weight_decay, double clip, uint64_t seed);

/* Changes the learning rate, as a schedule does; the optimizer goes on. Returns 0, or -1. */
int32_t tapestry_set_rate(int64_t model, double rate);

/* One step of training, of inputs and targets of the loss. loss is set to what it was before the step.
   Returns 0, or -1; then nothing has changed. */
int32_t tapestry_train(
  int64_t model, const tapestry_tensor *examples, int32_t count, double *loss);

/* Writes weights and configuration: into the folder, or into one file where the path ends in
   .safetensors. What was there is replaced as a whole. Returns 0, or -1. */
int32_t tapestry_save(int64_t model, const char *path);

/* Why the call that failed last on this thread did. Writes as tapestry_describe, and returns the same. */
int64_t tapestry_error(char *buffer, int64_t size);

#ifdef __cplusplus
}
#endif

#endif
