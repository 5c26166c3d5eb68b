using System.Collections;
using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>Lets a parameter that wants a thread's ID take the thread itself, or a message of it.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class ThreadIdTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? bare = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return bare is IEnumerable list and not string and not IDictionary ? list.Cast<object?>().Select(One).ToArray() : One(inputData);
    }

    /// <summary>The ID of an object that is a thread, also one that comes from another session; null for any other object.</summary>
    internal static string? OfThread(object? value) => value switch
    {
        AmpThread thread => thread.Id,
        PSObject { BaseObject: AmpThread thread } => thread.Id,
        PSObject other when Is(other, "Amp.AmpThread") => other.Properties["Id"]?.Value as string,
        _ => null,
    };

    private static object? One(object? value) => OfThread(value) ?? value switch
    {
        StreamMessage message => message.SessionId,
        PSObject { BaseObject: StreamMessage message } => message.SessionId,
        PSObject other when Is(other, "Amp.StreamMessage") => other.Properties["SessionId"]?.Value,
        _ => value,
    };

    private static bool Is(PSObject value, string type) => value.TypeNames.Contains("Deserialized." + type);
}
