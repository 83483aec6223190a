import { IsBoolean, IsInt, IsOptional, IsString, Length } from 'class-validator';

/** The command of the yardstick with class-validator. */
export class TypingDto {
  @IsInt()
  id: number;

  @IsString()
  @Length(1, 120)
  to: string;

  @IsOptional()
  @IsBoolean()
  active?: boolean;
}
