# Runs pages in PowerShells of their own and compares what examples show with what their page says.

function Invoke-HelpPage([object[]] $Page, [int] $Shells) {
    $folder = Join-Path ([System.IO.Path]::GetTempPath()) "amp-help-$([guid]::NewGuid().ToString('N'))"
    $work = Join-Path $folder 'work.json'
    $claims = Join-Path $folder 'claims'
    $null = New-Item -ItemType Directory $claims
    ConvertTo-Json @($Page) -Depth 5 | Set-Content -LiteralPath $work
    $noColor = $env:NO_COLOR
    $env:NO_COLOR = '1'
    try {
        $running = foreach ($number in 1..$Shells) {
            Start-Process (Get-AmpTestLayout).PowerShell -PassThru -RedirectStandardInput (New-Item (Join-Path $folder "in-$number")) `
                -RedirectStandardOutput (Join-Path $folder "out-$number") -RedirectStandardError (Join-Path $folder "err-$number") -ArgumentList @(
                '-NoProfile', '-NonInteractive', '-File', (Join-Path $PSScriptRoot 'Invoke-Page.ps1'), '-Work', $work, '-Claims', $claims)
        }

        # A guard against what hangs; a whole run takes a minute or two.
        if (-not ($running | Wait-Process -Timeout 1800 -PassThru)) {
            $running | Where-Object { -not $_.HasExited } | ForEach-Object { $_.Kill($true) }
        }

        $text = 1..$Shells | ForEach-Object { [System.IO.File]::ReadAllText((Join-Path $folder "out-$_")) }
        $errors = 1..$Shells | ForEach-Object { [System.IO.File]::ReadAllText((Join-Path $folder "err-$_")) }
        Read-HelpRun ($text -join '') ($errors -join '')
    } finally {
        $env:NO_COLOR = $noColor
        Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction Ignore
    }
}

# What Invoke-Page.ps1 writes between its marks.
function Read-HelpRun([string] $Text, [string] $ErrorText) {
    $run = [pscustomobject]@{ Results = @{}; Left = @{}; Error = $ErrorText }
    foreach ($match in [regex]::Matches($Text, '(?s)\x01(PAGE|BEGIN|END|LEFT) ([^\n]*)\n([^\x01]*)')) {
        $value = $match.Groups[2].Value | ConvertFrom-Json -AsHashtable
        switch ($match.Groups[1].Value) {
            'PAGE' { $page = $value.Name }
            'BEGIN' {
                $number = $value.Number
                $output = $match.Groups[3].Value
            }
            'END' {
                foreach ($name in $value.StandIns.Keys) {
                    $output = $output.Replace($value.StandIns[$name], $name)
                }

                $run.Results["$page $number"] = [pscustomobject]@{ Output = $output; Problems = $value.Problems; Seconds = $value.Seconds }
            }
            'LEFT' { $run.Left[$page] = $value.Left }
        }
    }

    $run
}

# A line without what differs from run to run, and from one width of the console to another.
function Format-HelpLine([string] $Line) {
    $Line -replace 'T-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'THREAD' `
        -replace '\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?Z?)?', 'DATE' `
        -replace '\d\d/\d\d/\d{4} \d\d:\d\d:\d\d', 'DATE' `
        -replace 'Done in [\d.]+ s', 'Done in SECONDS' `
        -replace '(?<=DATE\s+)\d+', 'NUMBER' `
        -replace '^\s*\d+(?=\s+[\w-]+\s+\w+\s)', 'NUMBER' `
        -replace '\S*/node(?= /opt/amp)', 'NODE' `
        -replace '\bAMP_(TEST_\w+|URL|CLI_PATH|PROBE_TIMEOUT_SEC), ' `
        -replace '-{2,}', '--' -replace '\s+', ' ' -replace '^ | $'
}

# The first line that is not as the page shows it, in words; nothing where all are. "..." on a line of its own stands for any lines.
function Compare-HelpOutput([string] $Shown, [string] $Real) {
    $expected = @($Shown -split '\r?\n' | ForEach-Object { Format-HelpLine $_ } | Where-Object { $_ })
    $lines = [System.Collections.Generic.Queue[string]]::new()
    $Real -split '\r?\n' | ForEach-Object { Format-HelpLine $_ } | Where-Object { $_ } | ForEach-Object { $lines.Enqueue($_) }
    $gap = $false
    foreach ($line in $expected) {
        if ($line -ceq '...') {
            $gap = $true
            continue
        }

        do {
            if ($lines.Count -eq 0) {
                return "not written: '$line'"
            }

            $next = $lines.Dequeue()
            $same = Test-HelpLine $line $next
        } while ($gap -and -not $same)

        if (-not $same) {
            return "'$next', where the page has '$line'"
        }

        $gap = $false
    }

    if ($lines.Count -gt 0 -and -not $gap) {
        "'$($lines.Peek())', which the page does not show"
    }
}

# Where a cell was too narrow on either side, what was cut off cannot be compared.
function Test-HelpLine([string] $Expected, [string] $Real) {
    if (-not "$Expected$Real".Contains('…')) {
        return $Expected -ceq $Real
    }

    # A path or an address may be a longer one here, and be cut off in its middle.
    $Expected, $Real = $Expected, $Real -replace '(https?://|/)\S+', 'PATH' -replace '\d[\d.:]*', 'NUMBER'
    $start = ($Expected -split '…')[0]
    $realStart = ($Real -split '…')[0]
    $start.StartsWith($realStart, 'Ordinal') -or $realStart.StartsWith($start, 'Ordinal')
}
