using System.Collections;
using System.Management.Automation;
using Amp.PowerShell.Conversion;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Lets a parameter that requires a thread ID also accept objects that have one: a thread, a message, a session, a cost record.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
internal sealed class ThreadIdTransformationAttribute : ArgumentTransformationAttribute
{
    /// <summary>
    /// Whether only one thread is allowed. All items of a list, such as the messages of a run, must then belong to the same thread.
    /// </summary>
    public bool IsSingle { get; set; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? bare = PlainValue.Unwrap(inputData);
        if (bare is not IEnumerable list || bare is string or IDictionary)
        {
            return One(inputData);
        }

        object?[] threads = [.. list.Cast<object?>().Select(One)];
        return IsSingle ? Common(threads) : threads;
    }

    /// <summary>Gets the ID of an object that is a thread, also if it is deserialized; null for any other object.</summary>
    internal static string? OfThread(object? value) => value switch
    {
        AmpThread thread => thread.Id,
        PSObject { BaseObject: AmpThread thread } => thread.Id,
        PSObject other when Is(other, "Amp.AmpThread") => other.Properties["Id"]?.Value as string,
        _ => null,
    };

    /// <summary>Returns whether an object is a thread or a message of a run, also if it is deserialized.</summary>
    /// <param name="value">The object.</param>
    /// <param name="thread">The ID of the thread; null for a message without one.</param>
    internal static bool IsThreadOrMessage(object? value, out string? thread)
    {
        thread = OfThread(value);
        if (thread is not null)
        {
            return true;
        }

        bool isMessage = PlainValue.Unwrap(value) is StreamMessage || (value is PSObject other && Is(other, "Amp.StreamMessage"));
        thread = isMessage ? One(value) as string : null;
        return isMessage;
    }

    private static object? One(object? value) => OfThread(value) ?? value switch
    {
        StreamMessage message => message.SessionId,
        PSObject { BaseObject: StreamMessage message } => message.SessionId,
        AmpSession session => OfSession(session),
        PSObject { BaseObject: AmpSession session } => OfSession(session),
        null or string or PSObject { BaseObject: string } => value,
        object other => TextOf(other, "ThreadId") ?? TextOf(other, "SessionId") ?? value,
    };

    // A message without a thread does not contradict the others.
    private static object? Common(object?[] threads)
    {
        object[] named = [.. threads.Select(PlainValue.Unwrap).OfType<object>().Distinct()];
        return named.Length < 2 ? named.FirstOrDefault() : throw new AmpValidationException(
            $"{named.Length} threads are given; exactly one is required.",
            "ThreadId",
            "Give one thread. For several, call the cmdlet for each: ... | ForEach-Object { ... -ThreadId $_ }.");
    }

    // Its string form would be its name.
    private static string OfSession(AmpSession session) => session.ThreadId ?? throw new AmpValidationException(
        "The session has no thread yet.", "ThreadId", "Send it a message first.");

    private static string? TextOf(object value, string property) => PSObject.AsPSObject(value).Properties[property]?.Value as string;

    private static bool Is(PSObject value, string type) => value.TypeNames.Contains("Deserialized." + type);
}
