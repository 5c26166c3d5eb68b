using System.Collections.ObjectModel;

namespace Amp.Text;

/// <summary>A list that is readable where somebody makes a text of it, as <c>Export-Csv</c> does.</summary>
internal sealed class ReadableList<T> : ReadOnlyCollection<T>
{
    public static readonly ReadableList<T> None = new([]);

    private ReadableList(T[] items)
        : base(items)
    {
    }

    public static ReadableList<T> Of(IEnumerable<T>? items) =>
        items as ReadableList<T> ?? Over(items?.ToArray());

    /// <summary>Takes an array over that nobody else holds, without a copy.</summary>
    public static ReadableList<T> Over(T[]? items) => items is { Length: > 0 } ? new ReadableList<T>(items) : None;

    /// <summary>The items, with commas.</summary>
    public override string ToString() => string.Join(", ", this);
}
