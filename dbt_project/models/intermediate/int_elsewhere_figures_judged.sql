with recursive figures as (
    select
        *,
        submission_id || '|' || block || '|' || row_key as figure_id
    from {{ ref('int_submitted_figures_selected') }}
),

pointers as (
    select
        figures.figure_id,
        figures.submission_id,
        figures.block,
        figures.row_key,
        figures.notation_explanation
    from figures
    where figures.notation_key = 'IE'
),

named as (
    select
        pointers.figure_id,
        candidates.figure_id as other_id,
        candidates.value is not null as is_number,
        pointers.figure_id = candidates.figure_id as is_itself
    from pointers
    inner join figures as candidates
        on
            pointers.submission_id = candidates.submission_id
            and pointers.block = candidates.block
            and {{ names_word('pointers.notation_explanation', 'candidates.row_key') }}
),

-- A figure may name itself in passing; only when it names nothing else does it lead to itself.
links as (
    select *
    from named
    qualify not is_itself or count(*) over (partition by figure_id) = 1
),

reached as (
    select
        figure_id,
        other_id
    from links
    union
    select
        reached.figure_id,
        links.other_id
    from reached
    inner join links on reached.other_id = links.figure_id
),

circles as (
    select distinct figure_id
    from reached
    where figure_id = other_id
),

targets as (
    select
        figure_id,
        bool_and(is_number) as has_numbers_only
    from links
    group by figure_id
)

select
    pointers.submission_id,
    pointers.block,
    pointers.row_key,
    case
        when targets.figure_id is null then 'elsewhere_nowhere'
        when circles.figure_id is not null then 'elsewhere_circular'
        when not targets.has_numbers_only then 'elsewhere_numberless'
        else 'included_elsewhere'
    end as missing
from pointers
left join targets on pointers.figure_id = targets.figure_id
left join circles on pointers.figure_id = circles.figure_id
