"""What one replica does in a step, and what fits on it: formulas of `sizing`, composed per layout.

step_law              the law that everything else is about; `roofline` makes one per layout of
layout_table          layouts as arrays, on a kind of hardware
  model_shape, moments            the model and the lengths as numbers
  build_stage -> stage            work of the fullest stage: stage_share, attention_work,
                                  communication <- interconnect
  constants, basis <- own_reach   how far peaks are reached, and how well that is founded
  step_time -> linearise          time of a step, and the line through it; overlap: two halves of
                                  a batch hide what experts send over nodes
memory, validity      what fits, and what engine or hardware refuse
speculation, shared_law           drafts; instances that share an accelerator
measured, layered     measured operators in place of the roofline
step_energy, work_rate, planned_power    joules of a step, watts of a replica
"""
