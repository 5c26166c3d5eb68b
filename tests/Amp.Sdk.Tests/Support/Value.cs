using System.Collections.Specialized;

namespace Amp.Sdk.Tests.Support;

/// <summary>Reaches into plain objects as PowerShell does with dots and indexes.</summary>
internal static class Value
{
    public static object? At(object? value, params object[] keys)
    {
        foreach (object key in keys)
        {
            value = key is int index
                ? Assert.IsType<object?[]>(value)[index]
                : Assert.IsType<OrderedDictionary>(value)[(string)key];
        }

        return value;
    }
}
