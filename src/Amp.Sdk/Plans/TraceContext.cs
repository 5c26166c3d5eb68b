using System.Diagnostics;

namespace Amp.Plans;

/// <summary>The context of the current activity as variables, so that the CLI and what it starts can continue the trace.</summary>
internal static class TraceContext
{
    private const string Parent = "TRACEPARENT";
    private const string State = "TRACESTATE";

    /// <summary>Gets the variables with the context of the current activity. The same variables if there is none, or if the caller sets it.</summary>
    /// <param name="variables">All variables of the CLI.</param>
    /// <param name="given">The variables that the caller sets; null for none.</param>
    public static IReadOnlyDictionary<string, string> AddTo(
        IReadOnlyDictionary<string, string> variables, IReadOnlyDictionary<string, string?>? given)
    {
        if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C, Id: string id } activity || given?.ContainsKey(Parent) == true)
        {
            return variables;
        }

        Dictionary<string, string> result = variables is Dictionary<string, string> known ? new(known, known.Comparer) : new(variables);
        result[Parent] = id;
        result.Remove(State);
        if (!string.IsNullOrEmpty(activity.TraceStateString))
        {
            result[State] = activity.TraceStateString;
        }

        return result;
    }
}
