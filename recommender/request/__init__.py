"""What is asked: the spec, and the request it resolves to against the catalogue.

text        quantity (numbers with units), target_text, profile, goals, model_choice -> spec_values
spec        spec <- ranges, contradictions, slo_problems (what no spec may say)
files       spec_file, spec_list (many), blanks, sentences (what is wrong, in words)
request     request <- chosen_workload, slo_of, model_quality, offer_choice <- site_facts;
            formats_tried, own_constants
to print    assumptions <- limit_assumptions
"""
