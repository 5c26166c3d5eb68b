using System.Collections.ObjectModel;

namespace Amp.Text;

/// <summary>A list with a readable text form, for example in <c>Export-Csv</c>.</summary>
internal sealed class ReadableList<T> : ReadOnlyCollection<T>
{
    public static readonly ReadableList<T> None = new([]);

    private ReadableList(T[] items)
        : base(items)
    {
    }

    public static ReadableList<T> Of(IEnumerable<T>? items) =>
        items as ReadableList<T> ?? Over(items?.ToArray());

    /// <summary>Wraps an array without copying it. Nothing else may refer to the array.</summary>
    public static ReadableList<T> Over(T[]? items) => items is { Length: > 0 } ? new ReadableList<T>(items) : None;

    /// <summary>Returns the items, separated by commas.</summary>
    public override string ToString() => string.Join(", ", this);
}
