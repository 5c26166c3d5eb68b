using System.Globalization;

namespace Amp.Schedules;

/// <summary>
/// When a schedule starts, in the time zone of the system: each day, on some days of the week, or several times a day at equal intervals. Only intervals that
/// divide an hour or a day are allowed, because cron and launchd support only times of day: the same trigger means the same times on
/// every scheduler.
/// </summary>
/// <param name="At">The time of day; for several times a day, one of them.</param>
/// <param name="Days">The days of the week; empty for every day.</param>
/// <param name="Every">The interval; null for once a day.</param>
internal sealed record ScheduleTrigger(TimeOnly At, IReadOnlyList<DayOfWeek> Days, TimeSpan? Every)
{
    private const int MinutesOfDay = 24 * 60;
    private const int DaysOfYear = 366;

    /// <summary>Creates a trigger.</summary>
    /// <exception cref="AmpValidationException">The interval does not divide an hour or a day, or a value is not a day of the week.</exception>
    public static ScheduleTrigger Of(TimeOnly at, IReadOnlyList<DayOfWeek> days, TimeSpan? every)
    {
        foreach (DayOfWeek day in days.Where(day => !Enum.IsDefined(day)))
        {
            throw new AmpValidationException($"'{day}' is not a valid day of the week.", "DaysOfWeek", "Give names such as Monday.", day);
        }

        if (every is TimeSpan interval && !IsEven(interval))
        {
            throw new AmpValidationException(
                $"'{interval}' is not a valid interval: not every scheduler supports it.",
                "Every",
                "Give 1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30 minutes, or 1, 2, 3, 4, 6, 8 or 12 hours. To start it once a day, give only the time of day.",
                interval);
        }

        return new ScheduleTrigger(new TimeOnly(at.Hour, at.Minute), [.. days.Distinct().Order()], every);
    }

    /// <summary>The interval in minutes, if it is shorter than an hour.</summary>
    public int? EveryMinutes => Every is { TotalHours: < 1 } every ? (int)every.TotalMinutes : null;

    /// <summary>The minutes of the hour in which it starts.</summary>
    public IReadOnlyList<int> Minutes => EveryMinutes is int step ? Steps(At.Minute, step, 60) : [At.Minute];

    /// <summary>The hours in which it starts; empty for every hour.</summary>
    public IReadOnlyList<int> Hours => Every is null ? [At.Hour] : EveryMinutes is null && Every.Value.TotalHours > 1 ? Steps(At.Hour, (int)Every.Value.TotalHours, 24) : [];

    /// <summary>The first start of a day.</summary>
    public TimeOnly First => Hours.Count == 0 ? new TimeOnly(0, Minutes[0]) : new TimeOnly(Hours[0], Minutes[0]);

    /// <summary>Gets the next start after a time.</summary>
    /// <param name="now">The time, with the offset of its time zone.</param>
    /// <param name="scheduler">The scheduler: each has its own way with a change of the clock.</param>
    /// <param name="zone">The time zone.</param>
    public DateTimeOffset Next(DateTimeOffset now, SchedulerKind scheduler, TimeZoneInfo zone)
    {
        DateTime local = TimeZoneInfo.ConvertTime(now, zone).DateTime;
        for (DateTime day = local.Date; ; day = day.AddDays(1))
        {
            if (Days.Count > 0 && !Days.Contains(day.DayOfWeek))
            {
                continue;
            }

            DateTimeOffset[] next = [.. Starts().SelectMany(minutes => Moments(day.AddMinutes(minutes), scheduler, zone)).Where(moment => moment > now)];
            if (next.Length > 0)
            {
                return next.Min();
            }
        }
    }

    /// <summary>Says on which day there is no start, because the clock skips its time; null if there is no such day during the next year.</summary>
    /// <param name="scheduler">The scheduler: only systemd does not make up for that start.</param>
    /// <param name="now">The time, with the offset of its time zone.</param>
    /// <param name="zone">The time zone.</param>
    public string? Note(SchedulerKind scheduler, DateTimeOffset now, TimeZoneInfo zone)
    {
        if (scheduler is not SchedulerKind.Systemd || Every is not null)
        {
            return null;
        }

        DateTime local = TimeZoneInfo.ConvertTime(now, zone).DateTime;
        DateTime skipped = Enumerable.Range(0, DaysOfYear).Select(day => local.Date.AddDays(day) + At.ToTimeSpan())
            .FirstOrDefault(start => start > local && zone.IsInvalidTime(start) && (Days.Count == 0 || Days.Contains(start.DayOfWeek)));
        return skipped == default ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"On {skipped:yyyy-MM-dd}, the clock skips {At:HH:mm}, and systemd does not start the schedule. To start it on that day too, choose another time.");
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string at = (Every is null ? At : First).ToString("HH:mm", CultureInfo.InvariantCulture);
        return Every is not TimeSpan every ? $"{(Days.Count == 0 ? "Daily" : string.Join(", ", Days))} at {at}"
            : EveryMinutes is int minutes ? $"Every {minutes} min from {at}"
            : $"Every {(int)every.TotalHours} h from {at}";
    }

    /// <inheritdoc/>
    public bool Equals(ScheduleTrigger? other) => other is not null && At == other.At && Every == other.Every && Days.SequenceEqual(other.Days);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(At, Every, Days.Count);

    private static bool IsEven(TimeSpan interval)
    {
        double minutes = interval.TotalMinutes;
        return minutes >= 1 && minutes < MinutesOfDay && minutes == Math.Floor(minutes)
            && (minutes < 60 ? 60 % (int)minutes == 0 : minutes % 60 == 0 && 24 % ((int)minutes / 60) == 0);
    }

    private static int[] Steps(int phase, int step, int end)
    {
        List<int> steps = [];
        for (int place = phase % step; place < end; place += step)
        {
            steps.Add(place);
        }

        return [.. steps];
    }

    // When a time of day comes: never if the clock skips it, and twice if it is turned back.
    private IEnumerable<DateTimeOffset> Moments(DateTime start, SchedulerKind scheduler, TimeZoneInfo zone)
    {
        // cron starts a schedule of every hour by the time that passes, and any other once, when the clock reaches or skips its time.
        bool isHourlyOfCron = scheduler is SchedulerKind.Cron && Hours.Count == 0;
        if (zone.IsAmbiguousTime(start))
        {
            TimeSpan[] offsets = zone.GetAmbiguousTimeOffsets(start);
            return isHourlyOfCron ? offsets.Select(offset => new DateTimeOffset(start, offset)) : [new DateTimeOffset(start, offsets.Max())];
        }

        if (zone.IsInvalidTime(start))
        {
            if (scheduler is SchedulerKind.Systemd || isHourlyOfCron)
            {
                return [];
            }

            start = scheduler is SchedulerKind.Cron ? EndOfGap(start, zone) : start.AddHours(1);
        }

        return [new DateTimeOffset(start, zone.GetUtcOffset(start))];
    }

    private static DateTime EndOfGap(DateTime skipped, TimeZoneInfo zone)
    {
        while (zone.IsInvalidTime(skipped))
        {
            skipped = skipped.AddMinutes(1);
        }

        return skipped;
    }

    private IEnumerable<int> Starts() =>
        from hour in Hours.Count == 0 ? Enumerable.Range(0, 24) : Hours
        from minute in Minutes
        select (hour * 60) + minute;
}
