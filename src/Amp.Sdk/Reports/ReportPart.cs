namespace Amp.Reports;

/// <summary>A part of a report: pieces of the spool and further parts, in order. A part can grow after what follows it.</summary>
internal sealed class ReportPart
{
    // A page of deeper elements is hard to read, and browsers have limits.
    private const int Deepest = 12;

    private readonly List<Piece> _pieces = [];
    private readonly int _depth;

    public ReportPart()
        : this(0)
    {
    }

    private ReportPart(int depth) => _depth = depth;

    /// <summary>Adds a piece of the spool.</summary>
    public void Add((long Offset, int Length) piece)
    {
        if (_pieces is [.., { Part: null } last] && last.Offset + last.Length == piece.Offset && last.Length < int.MaxValue / 4)
        {
            last.Length += piece.Length;
        }
        else if (piece.Length > 0)
        {
            _pieces.Add(new Piece { Offset = piece.Offset, Length = piece.Length });
        }
    }

    /// <summary>Adds a part at this place.</summary>
    public ReportPart AddPart()
    {
        ReportPart part = new(_depth + 1);
        _pieces.Add(new Piece { Part = part });
        return part;
    }

    /// <summary>Whether parts of its parts would be too deep: they belong side by side into this one.</summary>
    public bool IsDeepest => _depth >= Deepest;

    /// <summary>Writes all pieces.</summary>
    public void WriteTo(Stream output, ReportSpool spool)
    {
        foreach (Piece piece in _pieces)
        {
            if (piece.Part is null)
            {
                spool.CopyTo(output, piece.Offset, piece.Length);
            }
            else
            {
                piece.Part.WriteTo(output, spool);
            }
        }
    }

    private sealed class Piece
    {
        public long Offset { get; init; }

        public int Length { get; set; }

        public ReportPart? Part { get; init; }
    }
}
