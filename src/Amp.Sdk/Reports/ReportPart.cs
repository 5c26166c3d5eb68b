namespace Amp.Reports;

/// <summary>A part of a report: pieces of the spool and further parts, in order. A part can grow after what follows it.</summary>
internal sealed class ReportPart
{
    // A page of deeper elements is hard to read, and browsers have limits.
    private const int Deepest = 12;

    private readonly List<(long Offset, int Length, ReportPart? Part)> _pieces = [];
    private readonly int _depth;

    public ReportPart()
        : this(0)
    {
    }

    private ReportPart(int depth) => _depth = depth;

    /// <summary>Adds a piece of the spool.</summary>
    public void Add((long Offset, int Length) piece)
    {
        if (_pieces is [.., (long offset, int length, null)] && offset + length == piece.Offset && length < int.MaxValue / 4)
        {
            _pieces[^1] = (offset, length + piece.Length, null);
        }
        else if (piece.Length > 0)
        {
            _pieces.Add((piece.Offset, piece.Length, null));
        }
    }

    /// <summary>Adds a part at this place.</summary>
    public ReportPart AddPart()
    {
        ReportPart part = new(_depth + 1);
        _pieces.Add((0, 0, part));
        return part;
    }

    /// <summary>Whether parts of its parts would be too deep: they belong side by side into this one.</summary>
    public bool IsDeepest => _depth >= Deepest;

    /// <summary>Writes all pieces.</summary>
    public void WriteTo(Stream output, ReportSpool spool)
    {
        foreach ((long offset, int length, ReportPart? part) in _pieces)
        {
            if (part is null)
            {
                spool.CopyTo(output, offset, length);
            }
            else
            {
                part.WriteTo(output, spool);
            }
        }
    }
}
