import { IsIn, IsInt, IsString, Length } from 'class-validator';

/** What a client sends. */
export class SendDto {
  @IsInt()
  id: number;

  @IsString()
  @Length(1, 120)
  to: string;

  @IsIn(['text'])
  kind: string;

  @IsString()
  @Length(1, 4000)
  content: string;

  @IsString()
  @Length(1, 64)
  clientId: string;
}
