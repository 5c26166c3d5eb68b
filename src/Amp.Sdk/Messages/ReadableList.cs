using System.Collections.ObjectModel;

namespace Amp;

/// <summary>A list that is readable where somebody makes a text of it, as <c>Export-Csv</c> does.</summary>
internal sealed class ReadableList<T> : ReadOnlyCollection<T>
{
    public static readonly ReadableList<T> None = new([]);

    private ReadableList(T[] items)
        : base(items)
    {
    }

    public static ReadableList<T> Of(IEnumerable<T>? items) =>
        items as ReadableList<T> ?? (items?.ToArray() is { Length: > 0 } array ? new ReadableList<T>(array) : None);

    /// <summary>The items, with commas.</summary>
    public override string ToString() => string.Join(", ", this);
}
