using System.Buffers.Binary;

namespace Amp.Messages;

/// <summary>What the bytes of an image say about it.</summary>
/// <param name="MediaType">The media type.</param>
/// <param name="Width">The width in pixels.</param>
/// <param name="Height">The height in pixels.</param>
/// <param name="IsAnimated">Whether there is more than one frame.</param>
/// <param name="IsComplete">Whether the end of the image is there.</param>
internal sealed record ImageFacts(string MediaType, int Width, int Height, bool IsAnimated, bool IsComplete)
{
    private const int PngChunkSize = 12;

    /// <summary>Reads the structure of an image. Pixels are not decoded.</summary>
    /// <returns>Null if the bytes are not an image of a known type, or say nothing about its size.</returns>
    public static ImageFacts? Read(ReadOnlySpan<byte> bytes)
    {
        ImageFacts? facts = bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ? Png(bytes)
            : bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? Jpeg(bytes)
            : bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8) ? Gif(bytes)
            : bytes.Length >= 16 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8) ? WebP(bytes)
            : null;
        return facts is { Width: > 0, Height: > 0 } ? facts : null;
    }

    private static ImageFacts? Png(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 24 || !bytes[12..].StartsWith("IHDR"u8))
        {
            return null;
        }

        int width = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]), int.MaxValue);
        int height = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]), int.MaxValue);
        bool isAnimated = false;
        bool isComplete = false;
        for (long place = 8; !isComplete && place + PngChunkSize <= bytes.Length;)
        {
            ReadOnlySpan<byte> chunk = bytes[(int)place..];
            isAnimated |= chunk[4..].StartsWith("acTL"u8);
            isComplete = chunk[4..].StartsWith("IEND"u8);
            place += PngChunkSize + (long)BinaryPrimitives.ReadUInt32BigEndian(chunk);
        }

        return new ImageFacts("image/png", width, height, isAnimated, isComplete);
    }

    private static ImageFacts? Jpeg(ReadOnlySpan<byte> bytes)
    {
        int place = 2;
        while (place + 4 <= bytes.Length)
        {
            if (bytes[place] != 0xFF)
            {
                return null;
            }

            byte marker = bytes[place + 1];
            if (marker == 0xFF)
            {
                // A marker can have any number of fill bytes.
                place++;
                continue;
            }

            if (marker is 0x01 or (>= 0xD0 and <= 0xD8))
            {
                place += 2;
                continue;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[(place + 2)..]);
            bool isFrame = marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
            if (!isFrame)
            {
                place += 2 + length;
                continue;
            }

            if (place + 9 > bytes.Length)
            {
                return null;
            }

            // Other data may follow the end marker, so the last one counts.
            return new ImageFacts(
                "image/jpeg",
                BinaryPrimitives.ReadUInt16BigEndian(bytes[(place + 7)..]),
                BinaryPrimitives.ReadUInt16BigEndian(bytes[(place + 5)..]),
                IsAnimated: false,
                IsComplete: bytes[(place + 9)..].LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]) >= 0);
        }

        return null;
    }

    private static ImageFacts? Gif(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 13)
        {
            return null;
        }

        int frames = 0;
        bool isComplete = false;
        int place = 13 + ColorTable(bytes[10]);
        while (place < bytes.Length && !isComplete)
        {
            switch (bytes[place])
            {
                case 0x3B:
                    isComplete = true;
                    break;
                case 0x21:
                    place = AfterBlocks(bytes, place + 2);
                    break;
                case 0x2C when place + 10 <= bytes.Length:
                    frames++;
                    place = AfterBlocks(bytes, place + 11 + ColorTable(bytes[place + 9]));
                    break;
                default:
                    place = bytes.Length;
                    break;
            }
        }

        return new ImageFacts(
            "image/gif",
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]),
            frames > 1,
            isComplete && frames > 0);
    }

    private static int ColorTable(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    private static int AfterBlocks(ReadOnlySpan<byte> bytes, int place)
    {
        while (place < bytes.Length && bytes[place] != 0)
        {
            place += bytes[place] + 1;
        }

        return place + 1;
    }

    private static ImageFacts? WebP(ReadOnlySpan<byte> bytes)
    {
        bool isComplete = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) + 8L <= bytes.Length;
        if (bytes.Length < 30)
        {
            return null;
        }

        ReadOnlySpan<byte> kind = bytes[12..16];
        (int Width, int Height)? size = kind.SequenceEqual("VP8X"u8) ? (UInt24(bytes[24..]) + 1, UInt24(bytes[27..]) + 1)
            : kind.SequenceEqual("VP8 "u8) ? (BinaryPrimitives.ReadUInt16LittleEndian(bytes[26..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]) & 0x3FFF)
            : kind.SequenceEqual("VP8L"u8) && bytes[20] == 0x2F ? Lossless(BinaryPrimitives.ReadUInt32LittleEndian(bytes[21..]))
            : null;
        return size is not var (width, height) ? null
            : new ImageFacts("image/webp", width, height, kind.SequenceEqual("VP8X"u8) && (bytes[20] & 0x02) != 0, isComplete);
    }

    private static (int Width, int Height) Lossless(uint bits) => ((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1);

    private static int UInt24(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
}

/// <summary>What the CLI accepts of images, as 0.0.1774310664 checks it: larger ones end the run with an error.</summary>
internal static class ImageLimits
{
    /// <summary>The maximum number of images in a message.</summary>
    public const int MostInMessage = 4;

    /// <summary>The maximum size of an image: 4.9 MiB.</summary>
    public const int MostBytes = 5_138_022;

    /// <summary>The maximum width and height in pixels.</summary>
    public const int LongestSide = 8000;
}
